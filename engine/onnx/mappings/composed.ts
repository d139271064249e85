import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Mapping, Tracing } from "../trace/tracing.ts";

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
