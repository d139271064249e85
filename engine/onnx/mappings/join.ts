import {
  backend_util,
  type ConcatAttrs,
  type PackAttrs,
  type SplitVAttrs,
  type Tensor,
  type TensorInfo,
  type UnpackAttrs,
} from "@tensorflow/tfjs-core";
import { axisIn, type ElementType } from "../graph/values.ts";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

const fromStart = (axis: number, rank: number) => axis < 0 ? axis + rank : axis;

function concat(g: Tracing, tensors: readonly TensorInfo[], axis: number): TensorInfo {
  const rank = tensors[0]!.shape.length, along = fromStart(axis, rank);
  const filled = tensors.filter((tensor) => tensor.shape[along]! > 0), [first] = filled as [TensorInfo];
  const layout = g.layoutOf(...filled);
  const value = g.writer.emit("Concat", filled.map((tensor) => g.operand(tensor, layout)), {
    axis: axisIn(layout, along, rank),
  });
  const total = filled.reduce((sum, { shape }) => sum + shape[along]!, 0);
  return g.result(value, first.shape.map((d, i) => i === along ? total : d), first.dtype as ElementType, layout);
}

function split(g: Tracing, x: TensorInfo, sizes: readonly number[], axis: number): TensorInfo[] {
  const layout = g.layoutOf(x), along = fromStart(axis, x.shape.length);
  const values = g.writer.emitMany("Split", [g.operand(x, layout), g.writer.ints(sizes)], sizes.length, {
    axis: axisIn(layout, along, x.shape.length),
  });
  return values.map((value, part) =>
    g.result(value, x.shape.map((d, i) => i === along ? sizes[part]! : d), x.dtype as ElementType, layout)
  );
}

const pack: Mapping<string, PackAttrs> = (g, tensors, { axis }) =>
  concat(g, Object.values(tensors).map((input) => g.run1("ExpandDims", { input }, { dim: axis })), axis);

const splitV: Mapping<"x", SplitVAttrs> = (g, { x }, { numOrSizeSplits, axis }) =>
  split(g, x, backend_util.prepareSplitSize(x as Tensor, numOrSizeSplits, axis), axis);

const unpack: Mapping<"value", UnpackAttrs> = (g, { value }, { axis }) => {
  const along = fromStart(axis, value.shape.length), shape = value.shape.filter((_, i) => i !== along);
  return split(g, value, Array(value.shape[along]!).fill(1), along).map((part) => g.reshape(part, shape));
};

/** Ops that put tensors together and take them apart. */
export const join: MappingTable = {
  Concat: (g, tensors: Record<string, TensorInfo>, { axis }: ConcatAttrs) => concat(g, Object.values(tensors), axis),
  Pack: pack,
  SplitV: splitV,
  Unpack: unpack,
};
