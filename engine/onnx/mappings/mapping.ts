import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Tracing } from "../trace/tracing.ts";

/**
 * Writes a tfjs kernel into the graph under way: takes the kernel's inputs, of which at least one is not known yet, and its
 * attributes, and returns its outputs.
 */
export type Mapping<I extends string, A = unknown> = (
  g: Tracing,
  inputs: Readonly<Record<I, TensorInfo>>,
  attributes: A,
) => TensorInfo | TensorInfo[];

/** Mappings by the names of kernels; each is called with what its kernel is called with. */
export type MappingTable = Readonly<
  Record<string, (g: Tracing, inputs: never, attributes: never) => TensorInfo | TensorInfo[]>
>;

/** Writes a kernel whose one input is `x`, by other kernels. */
export function composed(make: (g: Tracing, x: TensorInfo) => TensorInfo | TensorInfo[]): Mapping<"x"> {
  return (g, { x }) => make(g, x);
}

/** Writes a kernel whose inputs are `a` and `b`, by other kernels. */
export function composedOfTwo(
  make: (g: Tracing, a: TensorInfo, b: TensorInfo) => TensorInfo | TensorInfo[],
): Mapping<"a" | "b"> {
  return (g, { a, b }) => make(g, a, b);
}
