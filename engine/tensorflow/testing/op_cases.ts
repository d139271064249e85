import * as tf from "@tensorflow/tfjs-core";
import { CONVOLUTION_CASES } from "./convolution_cases.ts";
import { MOVEMENT_CASES } from "./movement_cases.ts";
import { noise, type OpCase } from "./op_case.ts";

const elementwise = (name: string, run: (x: tf.Tensor) => tf.Tensor, range?: readonly [number, number]): OpCase => ({
  name,
  shapes: [[3, 50]],
  run: (x) => run(x!),
  ...range && { range },
});

const pairwise = (
  name: string,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  shapes: readonly (readonly number[])[] = [[3, 50], [3, 50]],
  range?: readonly [number, number],
): OpCase => ({ name, shapes, run: (a, b) => run(a!, b!), ...range && { range } });

const reduction = (name: string, run: (x: tf.Tensor) => tf.Tensor): OpCase => ({
  name,
  shapes: [[2, 5, 6, 3]],
  run: (x) => run(x!),
});

/** Every op that slomo's networks, losses and pipelines use, with its gradient. */
export const OP_CASES: readonly OpCase[] = [
  ...CONVOLUTION_CASES,
  ...MOVEMENT_CASES,
  elementwise("leakyRelu", (x) => tf.leakyRelu(x, 0.1)),
  elementwise("relu", tf.relu),
  elementwise("sigmoid", tf.sigmoid, [-6, 6]),
  elementwise("tanh", tf.tanh, [-2, 2]),
  elementwise("exp", tf.exp),
  elementwise("log", tf.log, [0.3, 3]),
  elementwise("sqrt", tf.sqrt, [0.3, 3]),
  elementwise("square", tf.square),
  elementwise("abs", tf.abs),
  elementwise("neg", tf.neg),
  elementwise("pow", (x) => tf.pow(x, 0.45), [0.3, 3]),
  elementwise("clipByValue", (x) => tf.clipByValue(x, -0.5, 0.5)),
  { ...elementwise("floor", tf.floor, [-4, 4]), gradient: false },
  { ...elementwise("round", tf.round, [-4, 4]), gradient: false },
  { ...elementwise("step", (x) => tf.step(x, 0.5)), gradient: false },
  {
    ...elementwise("cast to integers and back", (x) => tf.cast(tf.cast(x, "int32"), "float32"), [-9, 9]),
    gradient: false,
  },
  {
    ...elementwise(
      "greater, less, logicalAnd",
      (x) => tf.cast(tf.logicalAnd(tf.greater(x, -0.5), tf.less(x, 0.5)), "float32"),
    ),
    gradient: false,
  },
  pairwise("add, broadcast", tf.add, [[3, 4, 10], [10]]),
  pairwise("sub", tf.sub),
  pairwise("mul, broadcast", tf.mul, [[3, 4, 10], [4, 1]]),
  pairwise("div", tf.div, undefined, [0.5, 2]),
  pairwise("maximum", tf.maximum),
  pairwise("minimum", tf.minimum),
  pairwise("where", (a, b) => tf.where(tf.greater(noise([3, 50], 7), 0), a, b)),
  pairwise("addN", (a, b) => tf.addN([a, b, a])),
  pairwise("matMul", (a, b) => tf.matMul(a, b), [[2, 8, 9], [2, 9, 7]]),
  pairwise("matMul, transposed", (a, b) => tf.matMul(a, b, true, true), [[9, 8], [7, 9]]),
  reduction("sum over pixels", (x) => tf.sum(x, [1, 2])),
  reduction("sum over channels, kept", (x) => tf.sum(x, 3, true)),
  reduction("mean", (x) => tf.mean(x)),
  reduction("mean over pixels", (x) => tf.mean(x, [1, 2])),
  reduction("max", (x) => tf.max(x, 3)),
  reduction("softmax", (x) => tf.softmax(x)),
  reduction("cumsum", (x) => tf.cumsum(x, 1)),
];
