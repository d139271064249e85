import {
  type _FusedMatMulAttrs,
  backend_util,
  type BatchMatMulAttrs,
  type FusedBatchNormAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { activate } from "./convolution.ts";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

function flipped(g: Tracing, x: TensorInfo, isFlipped: boolean): TensorInfo {
  if (!isFlipped) return x;
  const perm = x.shape.map((_, axis) => axis), last = perm.length - 1;
  [perm[last - 1], perm[last]] = [last, last - 1];
  return g.run1("Transpose", { x }, { perm });
}

const product: Mapping<"a" | "b", BatchMatMulAttrs> = (g, { a, b }, { transposeA, transposeB }) => {
  const left = flipped(g, a, transposeA), right = flipped(g, b, transposeB);
  const batch = backend_util.assertAndGetBroadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const value = g.writer.emit("MatMul", [g.operand(left), g.operand(right)]);
  return g.result(value, [...batch, left.shape.at(-2)!, right.shape.at(-1)!], "float32");
};

const fusedProduct: Mapping<"a" | "b", _FusedMatMulAttrs> = (
  g,
  inputs: { a: TensorInfo; b: TensorInfo; bias?: TensorInfo; preluActivationWeights?: TensorInfo },
  attributes,
) => {
  const { a, b, bias, preluActivationWeights } = inputs;
  const multiplied = product(g, { a, b }, attributes) as TensorInfo;
  const biased = bias ? g.run1("Add", { a: multiplied, b: bias }) : multiplied;
  return activate(g, biased, attributes, preluActivationWeights);
};

/** (x − mean) · scale / √(variance + ε) + offset, with constants folded into one factor and one summand. */
const batchNormalization: Mapping<"x" | "mean" | "variance", FusedBatchNormAttrs> = (
  g,
  inputs: { x: TensorInfo; mean: TensorInfo; variance: TensorInfo; scale?: TensorInfo; offset?: TensorInfo },
  { varianceEpsilon },
) => {
  const { x, mean, variance, scale, offset } = inputs;
  const epsilon = g.run1("Fill", {}, { shape: [], value: varianceEpsilon, dtype: "float32" });
  const inverse = g.run1("Rsqrt", { x: g.run1("Add", { a: variance, b: epsilon }) });
  const factor = scale ? g.run1("Multiply", { a: inverse, b: scale }) : inverse;
  const shift = g.run1("Multiply", { a: mean, b: factor });
  const summand = offset ? g.run1("Sub", { a: offset, b: shift }) : g.run1("Neg", { x: shift });
  return g.run("Add", { a: g.run1("Multiply", { a: x, b: factor }), b: summand });
};

/** Matrix products and batch normalization. */
export const matrix: MappingTable = {
  _FusedMatMul: fusedProduct,
  BatchMatMul: product,
  FusedBatchNorm: batchNormalization,
};
