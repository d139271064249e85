import {
  type ArgMaxAttrs,
  type CumsumAttrs,
  type SoftmaxAttrs,
  type SumAttrs,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import { axisIn, type ElementType, ONNX_TYPES } from "../graph/values.ts";
import type { Mapping, MappingTable } from "../trace/tracing.ts";

/** Attributes of reductions; only `Max` has `reductionIndices`. */
type ReduceAttributes = Partial<SumAttrs> & {
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
};

/** Maps a kernel to a `Reduce…` node, and removes the axes unless the kernel keeps them. */
const reduction = (op: string): Mapping<"x", ReduceAttributes> => (g, { x }, attributes) => {
  const axis = attributes.axis ?? attributes.reductionIndices;
  const axes = axis === undefined || axis === null ? x.shape.map((_, i) => i) : util.parseAxisParam(axis, x.shape);
  const layout = g.layoutOf(x);
  const positions = g.writer.ints(axes.map((a) => axisIn(layout, a, x.shape.length)));
  const kept = g.result(
    g.writer.emit(op, [g.operand(x, layout), positions], { keepdims: 1 }),
    x.shape.map((length, i) => axes.includes(i) ? 1 : length),
    x.dtype as ElementType,
    layout,
  );
  return attributes.keepDims ? kept : g.reshape(kept, x.shape.filter((_, i) => !axes.includes(i)));
};

/** Maps a reduction that ONNX does not support for all data types. */
const throughType = (op: string, through: ElementType): Mapping<"x", ReduceAttributes> => (g, { x }, attributes) => {
  const converted = g.run1("Cast", { x }, { dtype: through });
  const reduced = reduction(op)(g, { x: converted }, attributes) as TensorInfo;
  return x.dtype === "bool" ? g.run("Cast", { x: reduced }, { dtype: "bool" }) : reduced;
};

const position = (op: string): Mapping<"x", ArgMaxAttrs> => (g, { x }, { axis }) => {
  const layout = g.layoutOf(x), along = util.parseAxisParam(axis, x.shape)[0]!;
  const found = g.writer.emit(op, [g.operand(x, layout)], {
    axis: axisIn(layout, along, x.shape.length),
    keepdims: 1,
  });
  const value = g.writer.emit("Cast", [found], { to: ONNX_TYPES.int32 });
  const kept = g.result(value, x.shape.map((length, i) => i === along ? 1 : length), "int32", layout);
  return g.reshape(kept, x.shape.filter((_, i) => i !== along));
};

const softmax: Mapping<"logits", SoftmaxAttrs> = (g, { logits }, { dim }) => {
  const layout = g.layoutOf(logits), axis = axisIn(layout, dim, logits.shape.length);
  return g.result(g.writer.emit("Softmax", [g.operand(logits, layout)], { axis }), logits.shape, "float32", layout);
};

const cumsum: Mapping<"x", CumsumAttrs> = (g, { x }, { axis, exclusive, reverse }) => {
  const layout = g.layoutOf(x), along = g.writer.int(axisIn(layout, axis, x.shape.length));
  const value = g.writer.emit("CumSum", [g.operand(x, layout), along], {
    exclusive: Number(exclusive),
    reverse: Number(reverse),
  });
  return g.result(value, x.shape, x.dtype as ElementType, layout);
};

/** Reductions. */
export const reduce: MappingTable = {
  All: throughType("ReduceMin", "int32"),
  Any: throughType("ReduceMax", "int32"),
  ArgMax: position("ArgMax"),
  ArgMin: position("ArgMin"),
  Cumsum: cumsum,
  Max: reduction("ReduceMax"),
  Mean: throughType("ReduceMean", "float32"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  Softmax: softmax,
  Sum: reduction("ReduceSum"),
};
