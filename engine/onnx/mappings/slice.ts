import {
  type GatherV2Attrs,
  type ReverseAttrs,
  slice_util,
  type SliceAttrs,
  type StridedSliceAttrs,
  type Tensor,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import { axisIn, type ElementType, type Shape } from "../graph/values.ts";
import { TensorProto_DataType as OnnxType } from "@slomo/weights/onnx";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

/** ONNX's end of a backward slice that includes the first element. */
const BEFORE_THE_FIRST = -(2 ** 31);

/** ONNX's end of a slice that includes the last element, for any length. */
const AFTER_THE_LAST = 2 ** 31 - 1;

/** Start, exclusive end (−1: before the first element) and step of a slice by axis. */
interface Range {
  readonly begin: Shape;
  readonly end: Shape;
  readonly steps: Shape;
}

/** Maps a slice. The node omits axes that are not sliced, so that it fits any length of them. */
function slice(g: Tracing, x: TensorInfo, { begin, end, steps }: Range, shape: Shape): TensorInfo {
  const axes = x.shape.map((_, i) => i).filter((i) => begin[i] !== 0 || end[i] !== x.shape[i] || steps[i] !== 1);
  if (axes.length === 0) return g.alias(x);
  const layout = g.layoutOf(x);
  const lists = [
    axes.map((i) => begin[i]!),
    axes.map((i) => end[i]! < 0 ? BEFORE_THE_FIRST : end[i] === x.shape[i] ? AFTER_THE_LAST : end[i]!),
    axes.map((i) => axisIn(layout, i, x.shape.length)),
    axes.map((i) => steps[i]!),
  ];
  const value = g.writer.emit("Slice", [g.operand(x, layout), ...lists.map((list) => g.writer.ints(list))]);
  return g.result(value, shape, x.dtype as ElementType, layout);
}

const sliceOne: Mapping<"x", SliceAttrs> = (g, { x }, { begin, size }) => {
  const [starts, sizes] = slice_util.parseSliceParams(x as Tensor, begin, size) as [number[], number[]];
  return slice(
    g,
    x,
    { begin: starts, end: starts.map((start, i) => start + sizes[i]!), steps: starts.map(() => 1) },
    sizes,
  );
};

const stridedSlice: Mapping<"x", StridedSliceAttrs> = (g, { x }, a) => {
  const info = slice_util.sliceInfo(
    x.shape,
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  const { begin, end, strides: steps, finalShapeSparse, finalShape } = info;
  return g.reshape(slice(g, x, { begin, end, steps }, finalShapeSparse), finalShape);
};

const reverse: Mapping<"x", ReverseAttrs> = (g, { x }, { dims }) => {
  const axes = util.parseAxisParam(dims, x.shape);
  const pick = (reversed: (length: number) => number, other: (length: number) => number) =>
    x.shape.map((length, i) => (axes.includes(i) ? reversed : other)(length));
  const cut = { begin: pick((d) => d - 1, () => 0), end: pick(() => -1, (d) => d), steps: pick(() => -1, () => 1) };
  return slice(g, x, cut, x.shape);
};

/** Gathers with `batch` common leading axes: the gathered axis is transposed behind them, and back afterwards. */
function gatherInBatches(g: Tracing, x: TensorInfo, indices: TensorInfo, axis: number, batch: number): TensorInfo {
  const { writer } = g, { shape } = x, axes = shape.map((_, i) => i), wanted = indices.shape.slice(batch);
  const perm = [...axes.slice(0, batch), axis, ...axes.slice(batch, axis), ...axes.slice(axis + 1)];
  const integers = writer.emit("Cast", [g.operand(indices)], { to: OnnxType.INT64 });
  const positions = writer.emit("Unsqueeze", [integers, writer.ints([-1])]);
  const gathered = writer.emit("GatherND", [writer.transpose(g.operand(x), shape, perm), positions], {
    batch_dims: batch,
  });
  const before = shape.slice(0, batch), between = shape.slice(batch, axis), after = shape.slice(axis + 1);
  const gatheredShape = [...before, ...wanted, ...between, ...after],
    result = [...before, ...between, ...wanted, ...after];
  const count = (start: number, length: number) => Array.from({ length }, (_, i) => start + i);
  const back = [
    ...count(0, batch),
    ...count(batch + wanted.length, between.length),
    ...count(batch, wanted.length),
    ...count(batch + wanted.length + between.length, after.length),
  ];
  return g.result(writer.transpose(gathered, gatheredShape, back), result, x.dtype as ElementType, "plain");
}

const gather: Mapping<"x" | "indices", GatherV2Attrs> = (g, { x, indices }, { axis, batchDims }) => {
  const along = util.parseAxisParam(axis, x.shape)[0]!;
  if (batchDims) return gatherInBatches(g, x, indices, along, batchDims);
  const layout = indices.shape.length === 1 ? g.layoutOf(x) : "plain";
  const value = g.writer.emit("Gather", [g.operand(x, layout), g.operand(indices)], {
    axis: axisIn(layout, along, x.shape.length),
  });
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  return g.result(value, shape, x.dtype as ElementType, layout);
};

/** Ops that take parts of a tensor. */
export const slices: MappingTable = {
  GatherV2: gather,
  Reverse: reverse,
  Slice: sliceOne,
  StridedSlice: stridedSlice,
};
