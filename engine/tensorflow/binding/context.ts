import { UsageError } from "@slomo/core";
import { configProto, type DeviceOptions } from "./config.ts";
import type { Native, Pointer } from "./native.ts";

/** Something that TensorFlow computes on. */
export interface Device {
  /** TensorFlow's whole name, `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** `CPU`, `GPU`, … */
  readonly type: string;
  /** Memory that TensorFlow means to use, in bytes. */
  readonly memory: number;
}

/** An eager context: devices, their memory and the threads that ops run on. */
export interface Context {
  /** The context itself. */
  readonly pointer: Pointer;
  /** The devices TensorFlow found. */
  readonly devices: readonly Device[];
  /** The device that tensors are kept on. */
  readonly device: Device;
}

function listDevices(native: Native, context: Pointer): Device[] {
  const { call, status } = native;
  const list = native.made(call.TFE_ContextListDevices(context, status), "TFE_ContextListDevices");
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
  const contextOptions = native.made(call.TFE_NewContextOptions(), "TFE_NewContextOptions");
  try {
    const config = configProto(options);
    call.TFE_ContextOptionsSetConfig(contextOptions, config, BigInt(config.length), status);
    native.check("TFE_ContextOptionsSetConfig");
    return native.made(call.TFE_NewContext(contextOptions, status), "TFE_NewContext");
  } finally {
    call.TFE_DeleteContextOptions(contextOptions);
  }
}

/** Opens a context on the device asked for. Throws UsageError where TensorFlow does not see that device. */
export function openContext(native: Native, options: DeviceOptions): Context {
  if (options.device !== undefined && !/^(cpu|gpu:\d+)$/.test(options.device)) {
    throw new UsageError(`tensorflow: device must be cpu or gpu:N, got ${options.device}`);
  }
  const pointer = newContext(native, options);
  const devices = listDevices(native, pointer);
  const wanted = options.device === "cpu" ? ["CPU"] : options.device === undefined ? ["GPU", "CPU"] : ["GPU"];
  const device = wanted.map((type) => devices.find((device) => device.type === type)).find((device) => device);
  if (device === undefined) {
    native.call.TFE_DeleteContext(pointer);
    throw new UsageError(
      `tensorflow: ${options.device} was asked for and TensorFlow sees no GPU, only ${
        devices.map(({ type }) => type).join(", ")
      }; a card needs NVIDIA's driver and deno task setup --cuda (deno task doctor --gpu tells what is missing)`,
    );
  }
  return { pointer, devices, device };
}
