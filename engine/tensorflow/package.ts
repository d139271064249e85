import { createRequire } from "node:module";
import type { KernelBackend, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import type { Attribute } from "./binding/attributes.ts";
import type { TensorflowBinding } from "./binding/binding.ts";

/** What slomo's kernels use of tfjs-node's backend. */
export interface NodeBackend extends KernelBackend {
  /** The binding that the backend was made with. */
  readonly binding: TensorflowBinding;
  /** Runs an op with one output. */
  executeSingleOutput(op: string, attributes: readonly Attribute[], inputs: readonly TensorInfo[]): Tensor;
  /** The binding's numbers of tensors, uploaded now where they have not been yet. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  /** A tfjs tensor for one that the binding made. */
  createOutputTensor(
    metadata: { readonly id: number; readonly shape: readonly number[]; readonly dtype: number },
  ): Tensor;
  /** `input` through an activation of `tf.fused`. */
  applyActivation(input: Tensor, activation: string, prelu?: TensorInfo, leakyreluAlpha?: number): Tensor;
}

/** tfjs-node's backend class. */
export type NodeBackendClass = new (binding: TensorflowBinding, packageName: string) => NodeBackend;

const NAME = "@tensorflow/tfjs-node-gpu";
/**
 * In a variable, since Deno fetches every specifier that it can read before a program starts, and most programs do
 * without this package. Must be the version in deno.json.
 */
const SPECIFIER = `npm:${NAME}@4.22.0`;

/**
 * Puts back two functions that the package still calls and current runtimes have dropped from `node:util`.
 */
function restoreUtilities(): void {
  const util: Record<string, unknown> = createRequire(import.meta.url)("node:util");
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/**
 * Loads tfjs-node's backend and registers its kernels for the backend name `tensorflow`. Two files of the package, not
 * its index, which looks for a native addon and reads the network.
 */
export async function importNodeBackend(): Promise<(binding: TensorflowBinding) => NodeBackend> {
  restoreUtilities();
  const { NodeJSKernelBackend }: { NodeJSKernelBackend: NodeBackendClass } = await import(
    `${SPECIFIER}/dist/nodejs_kernel_backend.js`
  );
  await import(`${SPECIFIER}/dist/register_all_kernels.js`);
  return (binding) => new NodeJSKernelBackend(binding, NAME);
}
