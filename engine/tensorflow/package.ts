import type { KernelBackend, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import type { TensorflowBinding } from "./binding/binding.ts";
import type { Attribute } from "./binding/ops.ts";

/** The part of tfjs-node's backend that the kernels of this package use. */
export interface NodeBackend extends KernelBackend {
  /** The binding of the backend. */
  readonly binding: TensorflowBinding;
  /** Runs an op with one output. */
  executeSingleOutput(op: string, attributes: readonly Attribute[], inputs: readonly TensorInfo[]): Tensor;
  /** Returns the numbers of tensors in the binding; uploads them if necessary. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  /** Returns a tfjs tensor for one of the binding. */
  createOutputTensor(
    metadata: { readonly id: number; readonly shape: readonly number[]; readonly dtype: number },
  ): Tensor;
  /** Applies an activation of `tf.fused`. */
  applyActivation(input: Tensor, activation: string, prelu?: TensorInfo, leakyreluAlpha?: number): Tensor;
}

/** tfjs-node's backend class. */
export type NodeBackendClass = new (binding: TensorflowBinding, packageName: string) => NodeBackend;

const NAME = "@tensorflow/tfjs-node-gpu";
/**
 * The specifier is in a variable because Deno downloads every specifier that it can read before a program starts, and most
 * programs do not need this package. Must equal the version in deno.json.
 */
const SPECIFIER = `npm:${NAME}@4.22.0`;

/** Restores two functions of `node:util` that the package calls and current runtimes have removed. */
async function restoreUtilities(): Promise<void> {
  const { createRequire } = await import("node:module");
  const util: Record<string, unknown> = createRequire(import.meta.url)("node:util");
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/**
 * Loads tfjs-node's backend and registers its kernels for the backend name `tensorflow`. It imports two files of the package
 * and not its index, which looks for a native addon and accesses the network.
 */
export async function importNodeBackend(): Promise<(binding: TensorflowBinding) => NodeBackend> {
  await restoreUtilities();
  const { NodeJSKernelBackend }: { NodeJSKernelBackend: NodeBackendClass } = await import(
    `${SPECIFIER}/dist/nodejs_kernel_backend.js`
  );
  await import(`${SPECIFIER}/dist/register_all_kernels.js`);
  return (binding) => new NodeJSKernelBackend(binding, NAME);
}
