import {
  backend_util,
  type ClipByValueAttrs,
  type LeakyReluAttrs,
  type StepAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { NodeAttributes } from "../graph/graph_writer.ts";
import type { ElementType } from "../graph/values.ts";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

/** Ops that are the same in tfjs and in ONNX. */
const SAME_NAME = [
  "Abs",
  "Acos",
  "Acosh",
  "Asin",
  "Asinh",
  "Atan",
  "Atanh",
  "Ceil",
  "Cos",
  "Cosh",
  "Elu",
  "Erf",
  "Exp",
  "Floor",
  "Log",
  "Neg",
  "Reciprocal",
  "Relu",
  "Round",
  "Selu",
  "Sigmoid",
  "Sign",
  "Sin",
  "Sinh",
  "Softplus",
  "Sqrt",
  "Tan",
  "Tanh",
] as const;

/** Maps a kernel with the input `x` to other kernels. */
export function composed(make: (g: Tracing, x: TensorInfo) => TensorInfo | TensorInfo[]): Mapping<"x"> {
  return (g, { x }) => make(g, x);
}

/** Maps a kernel with the inputs `a` and `b` to other kernels. */
export function composedOfTwo(
  make: (g: Tracing, a: TensorInfo, b: TensorInfo) => TensorInfo | TensorInfo[],
): Mapping<"a" | "b"> {
  return (g, { a, b }) => make(g, a, b);
}

/** Maps a kernel to one node with one input, which keeps shape and layout. */
export function unary<A>(
  op: string,
  attributes: (attrs: A) => NodeAttributes = () => ({}),
  dtype?: ElementType,
): Mapping<"x", A> {
  return (g, { x }, attrs) => {
    const layout = g.layoutOf(x);
    const value = g.writer.emit(op, [g.operand(x, layout)], attributes(attrs));
    return g.result(value, x.shape, dtype ?? x.dtype as ElementType, layout);
  };
}

/** Maps a kernel to one node with broadcast inputs, by their names in tfjs; the result has the data type of the last one. */
export function broadcasting(op: string, names: readonly string[], dtype?: ElementType): Mapping<string> {
  return (g, inputs) => {
    const operands = names.map((name) => inputs[name]!);
    const layout = g.layoutOf(...operands);
    const shape = operands.map((tensor) => tensor.shape).reduce((a, b) =>
      backend_util.assertAndGetBroadcastShape(a, b)
    );
    const value = g.writer.emit(op, operands.map((tensor) => g.broadcast(tensor, layout)));
    return g.result(value, shape, dtype ?? operands.at(-1)!.dtype as ElementType, layout);
  };
}

const binary = (op: string) => broadcasting(op, ["a", "b"]);

const typeOf = (x: TensorInfo): ElementType => x.dtype as ElementType;

const clipByValue: Mapping<"x", ClipByValueAttrs> = (g, { x }, { clipValueMin, clipValueMax }) => {
  const layout = g.layoutOf(x);
  const limits = [clipValueMin, clipValueMax].map((limit) => g.writer.scalar(limit, typeOf(x)));
  return g.result(g.writer.emit("Clip", [g.operand(x, layout), ...limits]), x.shape, typeOf(x), layout);
};

const step: Mapping<"x", StepAttrs> = (g, { x }, { alpha }) => {
  const layout = g.layoutOf(x), { writer } = g, operand = g.operand(x, layout);
  const isAbove = writer.emit("Greater", [operand, writer.scalar(0)]);
  const value = writer.emit("Where", [isAbove, writer.scalar(1), writer.scalar(alpha)]);
  return g.result(value, x.shape, "float32", layout);
};

function plus(g: Tracing, x: TensorInfo, number: number): TensorInfo {
  const layout = g.layoutOf(x);
  const value = g.writer.emit("Add", [g.operand(x, layout), g.writer.scalar(number, typeOf(x))]);
  return g.result(value, x.shape, typeOf(x), layout);
}

const floorDiv = composedOfTwo((g, a, b) => {
  const toFloat = (x: TensorInfo) => g.run1("Cast", { x }, { dtype: "float32" });
  const quotient = g.run1("RealDiv", { a: toFloat(a), b: toFloat(b) });
  return g.run("Cast", { x: g.run1("Floor", { x: quotient }) }, { dtype: a.dtype });
});

const addN: Mapping<string> = (g, tensors) => {
  const all = Object.values(tensors), [{ shape, dtype }] = all as [TensorInfo], layout = g.layoutOf(...all);
  const value = g.writer.emit("Sum", all.map((tensor) => g.operand(tensor, layout)));
  return g.result(value, shape, dtype as ElementType, layout);
};

/** Elementwise ops. */
export const elementwise: MappingTable = {
  ...Object.fromEntries(SAME_NAME.map((op) => [op, unary(op)])),
  Add: binary("Add"),
  AddN: addN,
  ClipByValue: clipByValue,
  Expm1: composed((g, x) => plus(g, g.run1("Exp", { x }), -1)),
  FloorDiv: floorDiv,
  LeakyRelu: unary<LeakyReluAttrs>("LeakyRelu", ({ alpha }) => ({ alpha: { float: alpha } })),
  Log1p: composed((g, x) => g.run("Log", { x: plus(g, x, 1) })),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Mod: composedOfTwo((g, a, b) => g.run("Sub", { a, b: g.run1("Multiply", { a: g.run1("FloorDiv", { a, b }), b }) })),
  Multiply: binary("Mul"),
  Pow: binary("Pow"),
  Prelu: broadcasting("PRelu", ["x", "alpha"]),
  RealDiv: binary("Div"),
  Relu6: composed((g, x) => g.run("ClipByValue", { x }, { clipValueMin: 0, clipValueMax: 6 })),
  Rsqrt: composed((g, x) => g.run("Reciprocal", { x: g.run1("Sqrt", { x }) })),
  Square: composed((g, x) => g.run("Multiply", { a: x, b: x })),
  SquaredDifference: composedOfTwo((g, a, b) => g.run("Square", { x: g.run1("Sub", { a, b }) })),
  Step: step,
  Sub: binary("Sub"),
};
