import * as tf from "@tensorflow/tfjs-core";
import { TensorflowBinding } from "./binding/binding.ts";
import type { DeviceOptions } from "./binding/context.ts";
import { BACKEND } from "./name.ts";
import type { ComputePrecision } from "@slomo/engine";
import { checkBfloat16 } from "./kernels/bfloat16_trial.ts";
import { hasFusedConv2d } from "./kernels/convolution.ts";
import { importNodeBackend, type NodeBackend } from "./package.ts";
import { useWarpKernels } from "./kernels/use_warp_kernels.ts";
import { type KernelSettings, patches } from "./patches.ts";

/** Options of {@linkcode openTensorflow}. */
export interface TensorflowOptions extends DeviceOptions {
  /** Path of the library, such as `libtensorflow_cc.so.2`. */
  readonly library: string;
  /** Number format in which convolutions are multiplied. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
}

/** TensorFlow as the tfjs backend `tensorflow`. */
export interface OpenTensorflow {
  /** The binding to the library. */
  readonly binding: TensorflowBinding;
  /** Description of the device, for people. */
  readonly device: string;
  /** Frees its tensors and threads, and removes the backend from tfjs. */
  close(): void;
}

const settings: KernelSettings = { precision: "float32", fusedConvolution: false };
let makeBackend: Promise<(binding: TensorflowBinding) => NodeBackend> | undefined;

/** Loads and patches the package once per thread. */
function loadPackage(): Promise<(binding: TensorflowBinding) => NodeBackend> {
  return makeBackend ??= importNodeBackend().then((make) => {
    for (const patch of patches(settings)) patch.apply();
    return make;
  });
}

/**
 * Loads libtensorflow and registers it as the tfjs backend `tensorflow`; the caller calls `tf.setBackend("tensorflow")`.
 * A thread can open it once at a time.
 *
 * @throws {UsageError} If the library cannot be loaded, there is no such device, or the device does not support the
 * precision.
 */
export async function openTensorflow(options: TensorflowOptions): Promise<OpenTensorflow> {
  const binding = new TensorflowBinding(options.library, options);
  try {
    const make = await loadPackage();
    const { precision = "float32" } = options, fusedConvolution = hasFusedConv2d(binding);
    if (precision === "bfloat16") checkBfloat16(binding, fusedConvolution);
    Object.assign(settings, { precision, fusedConvolution });
    useWarpKernels(binding.isUsingGpuDevice() ? "gpu" : options.threads ?? navigator.hardwareConcurrency);
    if (!tf.registerBackend(BACKEND, () => make(binding))) {
      throw new TypeError("tensorflow: the backend is already open in this thread; close it first");
    }
  } catch (error) {
    binding.close();
    throw error;
  }
  return {
    binding,
    device: describeDevice(binding),
    close: () => {
      tf.removeBackend(BACKEND);
      binding.close();
    },
  };
}

function describeDevice({ device, TF_Version }: TensorflowBinding): string {
  const memory = device.type === "GPU" ? ` with ${Math.round(device.memory / 2 ** 20)} MB` : "";
  return `${device.name.replace(/.*device:/, "")}${memory}, TensorFlow ${TF_Version}`;
}
