import { util } from "@tensorflow/tfjs-core";

/** Lengths along the axes of a tensor. */
export type Shape = readonly number[];

/** Numbers of a tensor, one after the other. */
export type Values = Float32Array | Int32Array | Uint8Array;

/**
 * How the axes of a rank-4 tensor lie in a graph: position there → axis of the tfjs tensor. `nchw` is what ONNX wants of
 * pictures (NHWC in tfjs), `oihw` of filters (HWIO in tfjs), `plain` changes nothing and is all that other ranks have.
 */
export const LAYOUTS = { plain: [0, 1, 2, 3], nchw: [0, 3, 1, 2], oihw: [3, 2, 0, 1] } as const;

/** A key of {@linkcode LAYOUTS}. */
export type Layout = keyof typeof LAYOUTS;

/** The entries of `list`, one an axis of a tfjs tensor, in the order of a layout. */
export function inLayout<T>(list: readonly T[], layout: Layout): T[] {
  return layout === "plain" ? [...list] : LAYOUTS[layout].map((axis) => list[axis]!);
}

/** Position of an axis of a tfjs tensor, from its end where below 0, in a layout. */
export function axisIn(layout: Layout, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  return layout === "plain" ? counted : (LAYOUTS[layout] as Shape).indexOf(counted);
}

/** For each position in the layout `to`, the position of the same axis in the layout `from`. */
export function permutation(from: Layout, to: Layout): number[] {
  return LAYOUTS[to].map((axis) => (LAYOUTS[from] as Shape).indexOf(axis));
}

/** A copy of `values` of the given shape, with axes in the order `perm`. */
export function permute(values: Values, shape: Shape, perm: Shape): Values {
  const strides = [...util.computeStrides([...shape, 1])];
  const lengths = perm.map((axis) => shape[axis]!), steps = perm.map((axis) => strides[axis]!);
  const result = values.slice(), index = lengths.map(() => 0);
  for (let i = 0, source = 0; i < result.length; i++) {
    result[i] = values[source]!;
    for (let p = lengths.length - 1; p >= 0; p--) {
      source += steps[p]!;
      if (++index[p]! < lengths[p]!) break;
      source -= steps[p]! * lengths[p]!;
      index[p] = 0;
    }
  }
  return result;
}
