import { UsageError } from "@slomo/core";
import type { Native, Pointer } from "./native.ts";

/** Options for the device. */
export interface DeviceOptions {
  /** `cpu` or `gpu:N`. @default {the first GPU, or the CPU} */
  readonly device?: string | undefined;
  /** Number of threads per op. @default {one per core} */
  readonly threads?: number | undefined;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
  return [...bytes, value];
}

const number = (field: number, value: number): number[] => [field << 3, ...varint(value)];
const block = (
  field: number,
  bytes: readonly number[],
): number[] => [field << 3 | 2, ...varint(bytes.length), ...bytes];
const text = (field: number, value: string): number[] => block(field, [...new TextEncoder().encode(value)]);

// Field numbers of `tensorflow.ConfigProto` and its parts.
const DEVICE_COUNT = 1, INTRA_OP_THREADS = 2, INTER_OP_THREADS = 5, GPU_OPTIONS = 6;
const KEY = 1, VALUE = 2, ALLOW_GROWTH = 4, VISIBLE_DEVICE_LIST = 5;

/**
 * Serializes a `tensorflow.ConfigProto`. GPU memory is allocated as needed, so that other programs can use the GPU too; the
 * environment variable `TF_FORCE_GPU_ALLOW_GROWTH` overrides this.
 */
export function configProto({ device, threads }: DeviceOptions): Uint8Array<ArrayBuffer> {
  const gpu = device?.match(/^gpu:(\d+)$/)?.[1];
  return Uint8Array.from([
    ...(device === "cpu" ? block(DEVICE_COUNT, [...text(KEY, "GPU"), ...number(VALUE, 0)]) : []),
    ...(threads === undefined ? [] : [...number(INTRA_OP_THREADS, threads), ...number(INTER_OP_THREADS, 1)]),
    ...block(GPU_OPTIONS, [...number(ALLOW_GROWTH, 1), ...(gpu === undefined ? [] : text(VISIBLE_DEVICE_LIST, gpu))]),
  ]);
}

/** A device of TensorFlow. */
export interface Device {
  /** TensorFlow's full name, `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** `CPU`, `GPU`, … */
  readonly type: string;
  /** Memory that TensorFlow may use, in bytes. */
  readonly memory: number;
}

/** An eager context: devices, their memory, and threads. */
export interface Context {
  /** The context itself. */
  readonly pointer: Pointer;
  /** The devices that TensorFlow found. */
  readonly devices: readonly Device[];
  /** The device that holds the tensors. */
  readonly device: Device;
}

function listDevices(native: Native, context: Pointer): Device[] {
  const { call, status } = native;
  const list = native.created(call.TFE_ContextListDevices(context, status), "TFE_ContextListDevices");
  try {
    return Array.from({ length: call.TF_DeviceListCount(list) }, (_, i) => ({
      name: native.text(call.TF_DeviceListName(list, i, status)),
      type: native.text(call.TF_DeviceListType(list, i, status)),
      memory: Number(call.TF_DeviceListMemoryBytes(list, i, status)),
    }));
  } finally {
    call.TF_DeleteDeviceList(list);
  }
}

function newContext(native: Native, options: DeviceOptions): Pointer {
  const { call, status } = native;
  const contextOptions = native.created(call.TFE_NewContextOptions(), "TFE_NewContextOptions");
  try {
    const config = configProto(options);
    call.TFE_ContextOptionsSetConfig(contextOptions, config, BigInt(config.length), status);
    native.check("TFE_ContextOptionsSetConfig");
    return native.created(call.TFE_NewContext(contextOptions, status), "TFE_NewContext");
  } finally {
    call.TFE_DeleteContextOptions(contextOptions);
  }
}

/**
 * Opens a context on a device.
 *
 * @throws {UsageError} If TensorFlow does not find the device.
 */
export function openContext(native: Native, options: DeviceOptions): Context {
  if (options.device !== undefined && !/^(cpu|gpu:\d+)$/.test(options.device)) {
    throw new UsageError(`tensorflow: \`device\` must be cpu or gpu:N, got ${options.device}`, {
      code: "no-device",
      option: "device",
    });
  }
  const pointer = newContext(native, options);
  const devices = listDevices(native, pointer);
  const wanted = options.device === "cpu" ? ["CPU"] : options.device === undefined ? ["GPU", "CPU"] : ["GPU"];
  const device = wanted.map((type) => devices.find((device) => device.type === type)).find((device) => device);
  if (device === undefined) {
    native.call.TFE_DeleteContext(pointer);
    throw new UsageError(
      `tensorflow: cannot use device ${options.device}: TensorFlow finds only ${
        devices.map(({ type }) => type).join(", ")
      }; install NVIDIA's driver and run \`deno task setup --cuda\` (\`deno task doctor --gpu\` shows what is missing)`,
      { code: "no-device", option: "device" },
    );
  }
  return { pointer, devices, device };
}
