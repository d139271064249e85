import * as tf from "@tensorflow/tfjs-core";
import { TensorflowBinding } from "./binding/binding.ts";
import type { DeviceOptions } from "./binding/config.ts";
import { BACKEND } from "./kernels/kernel.ts";
import type { ComputePrecision } from "@slomo/engine";
import { hasFusedConv2d } from "./kernels/probe_fused_conv2d.ts";
import { importNodeBackend, type NodeBackend } from "./package.ts";
import { type KernelSettings, patches } from "./patches.ts";

/** Where libtensorflow is, and how it shall compute. */
export interface TensorflowOptions extends DeviceOptions {
  /** Path of `libtensorflow_cc.so.2` or its like. */
  readonly library: string;
  /** Numbers that convolutions are multiplied in. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
}

/** TensorFlow at work behind the tfjs backend `tensorflow`. */
export interface OpenTensorflow {
  /** The binding to the library. */
  readonly binding: TensorflowBinding;
  /** The device in words. */
  readonly device: string;
  /** Frees its tensors and threads and takes the backend away from tfjs. */
  close(): void;
}

const settings: KernelSettings = { precision: "float32", fusedConvolution: false };
let makeBackend: Promise<(binding: TensorflowBinding) => NodeBackend> | undefined;

/** Loads the package and mends it, once in a thread: kernels and gradients are registered for the whole of it. */
function loadPackage(): Promise<(binding: TensorflowBinding) => NodeBackend> {
  return makeBackend ??= importNodeBackend().then((make) => {
    for (const patch of patches(settings)) patch.apply();
    return make;
  });
}

/**
 * Loads libtensorflow and registers tfjs's backend `tensorflow` on it; `tf.setBackend("tensorflow")` is left to the
 * caller. A thread has one at a time. Throws UsageError where the library or the device cannot be had.
 */
export async function openTensorflow(options: TensorflowOptions): Promise<OpenTensorflow> {
  const binding = new TensorflowBinding(options.library, options);
  try {
    const make = await loadPackage();
    settings.precision = options.precision ?? "float32";
    settings.fusedConvolution = hasFusedConv2d(binding);
    if (!tf.registerBackend(BACKEND, () => make(binding))) {
      throw new TypeError("tensorflow: this thread has the backend open already; close it first");
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
