import { getKernel, type KernelConfig, type KernelFunc, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { unregisterKernel } from "@tensorflow/tfjs-core";
import type { NodeBackend } from "../package.ts";

/** The name under which the backend is registered with tfjs. */
export const BACKEND = "tensorflow";

/** What a kernel is called with. */
export interface KernelCall<Input extends string, Attributes> {
  /** Its tensors by name. */
  readonly inputs: Readonly<Record<Input, TensorInfo>>;
  /** Its attributes. */
  readonly attrs: Attributes;
  /** The backend it runs on. */
  readonly backend: NodeBackend;
}

/** A kernel of this backend. tfjs's registry keeps no types; here is the one place where they are given up. */
export function kernel<Input extends string, Attributes>(
  kernelName: string,
  run: (call: KernelCall<Input, Attributes>) => TensorInfo,
): KernelConfig {
  return { kernelName, backendName: BACKEND, kernelFunc: run as unknown as KernelFunc };
}

/** Registers a kernel in place of the package's own. */
export function replaceKernel(config: KernelConfig): void {
  if (getKernel(config.kernelName, BACKEND) !== undefined) unregisterKernel(config.kernelName, BACKEND);
  registerKernel(config);
}
