import type { DataType } from "@tensorflow/tfjs-core";
import { TensorProto_DataType as OnnxType } from "@slomo/weights/onnx";

/** Data type of the tensors in a graph. */
export type ElementType = "float32" | "int32" | "bool";

/** ONNX's number of each {@linkcode ElementType}. */
export const ONNX_TYPES: Readonly<Record<ElementType, OnnxType>> = {
  float32: OnnxType.FLOAT,
  int32: OnnxType.INT32,
  bool: OnnxType.BOOL,
};

/** Returns whether a graph can hold tensors of a tfjs data type. */
export function isElementType(type: DataType): type is ElementType {
  return type in ONNX_TYPES;
}

/** The array class for the values of each {@linkcode ElementType}. */
export const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Lengths of the axes of a tensor. */
export type Shape = readonly number[];

/** Values of a tensor in row-major order. */
export type Values = Float32Array | Int32Array | Uint8Array;

/**
 * Order of the axes of a rank-4 tensor in a graph: position → axis of the tfjs tensor. ONNX expects images in `nchw` (NHWC
 * in tfjs) and filters in `oihw` (HWIO in tfjs). `plain` is tfjs's own order, and the only one for other ranks.
 */
export const LAYOUTS = { plain: [0, 1, 2, 3], nchw: [0, 3, 1, 2], oihw: [3, 2, 0, 1] } as const;

/** A key of {@linkcode LAYOUTS}. */
export type Layout = keyof typeof LAYOUTS;

/** Returns the entries of `list`, one per axis of a tfjs tensor, in the order of a layout. */
export function inLayout<T>(list: readonly T[], layout: Layout): T[] {
  return layout === "plain" ? [...list] : LAYOUTS[layout].map((axis) => list[axis]!);
}

/** Returns the position of an axis of a tfjs tensor in a layout; negative axes count from the end. */
export function axisIn(layout: Layout, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  return layout === "plain" ? counted : (LAYOUTS[layout] as Shape).indexOf(counted);
}

/** Returns the permutation from one layout to another: for each position in `to`, that of the same axis in `from`. */
export function permutation(from: Layout, to: Layout): number[] {
  return LAYOUTS[to].map((axis) => (LAYOUTS[from] as Shape).indexOf(axis));
}

/** Returns a copy of `values`, of the given shape, with the axes in the order `perm`. */
export function permute(values: Values, shape: Shape, perm: Shape): Values {
  const strides = perm.map((_, p) => perm.slice(p + 1).reduce((product, axis) => product * shape[axis]!, 1));
  const steps = shape.map((_, axis) => strides[perm.indexOf(axis)]!), last = shape.length - 1;
  const result = values.slice(), index = shape.map(() => 0), length = shape[last] ?? 1;
  for (let i = 0, target = 0; i < values.length; i += length) {
    scatter(values, i, length, result, target, steps[last] ?? 0);
    for (let axis = last - 1; axis >= 0; axis--) {
      target += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      target -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** Copies `length` values that follow each other to places that are `step` apart. */
function scatter(from: Values, start: number, length: number, to: Values, target: number, step: number): void {
  for (let i = start, end = start + length, k = target; i < end; i++, k += step) to[k] = from[i]!;
}
