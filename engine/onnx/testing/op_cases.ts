/** Cases for all mappings by kind: functions of `x` [1, 7, 8, 3], values in (−2, 2). */
import * as tf from "@tensorflow/tfjs-core";
import { backwardWarp } from "../../../ops/backward_warp.ts";

/** An op, or a few, on `x`. */
export type OpCase = (x: tf.Tensor4D) => tf.Tensor | tf.Tensor[];

/** Returns a tensor of random values, the same each time. */
export function randomValues(shape: number[], seed: number, low = -2, high = 2): tf.Tensor4D {
  return tf.randomUniform(shape as [number, number, number, number], low, high, "float32", seed);
}

const other = () => randomValues([1, 7, 8, 3], 15);
const filter = (outputs = 5) => randomValues([3, 3, 3, outputs], 11);
const perChannel = (low = -2, high = 2) => tf.reshape(randomValues([3], 16, low, high), [3]);
const bias = (length = 5) => tf.reshape(randomValues([length], 12), [length]) as tf.Tensor1D;
const float = (x: tf.Tensor) => tf.cast(x, "float32");
const flowOf = (x: tf.Tensor4D, scale = 3) => tf.mul<tf.Tensor4D>(tf.slice(x, [0, 0, 0, 0], [1, 7, 8, 2]), scale);

const elementwise: Record<string, OpCase> = {
  abs: tf.abs,
  acos: (x) => tf.acos(tf.div(x, 2.1)),
  acosh: (x) => tf.acosh(tf.add(tf.abs(x), 1.1)),
  asin: (x) => tf.asin(tf.div(x, 2.1)),
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: (x) => tf.atanh(tf.div(x, 2.1)),
  ceil: tf.ceil,
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  floor: tf.floor,
  log: (x) => tf.log(tf.abs(x)),
  log1p: (x) => tf.log1p(tf.abs(x)),
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  relu6: (x) => tf.relu6(tf.mul(x, 5)),
  round: tf.round,
  rsqrt: (x) => tf.rsqrt(tf.abs(x)),
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  sign: tf.sign,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  sqrt: (x) => tf.sqrt(tf.abs(x)),
  square: tf.square,
  step: (x) => tf.step(x, 0.25),
  tan: tf.tan,
  tanh: tf.tanh,
  "leaky relu": (x) => tf.leakyRelu(x, 0.1),
  prelu: (x) => tf.prelu(x, perChannel(0, 1)),
  clip: (x) => tf.clipByValue(x, -0.5, 0.7),
  add: (x) => tf.add(x, other()),
  "add by channel": (x) => tf.add(x, perChannel()),
  "add a number": (x) => tf.add(3, x),
  "add a plane": (x) => tf.add(x, tf.ones([8, 3])),
  "add its means": (x) => tf.add(x, tf.mean(x, [1, 2])),
  "add its mean image": (x) => tf.add(x, tf.mean(x, [0])),
  subtract: (x) => tf.sub(other(), x),
  multiply: (x) => tf.mul(x, tf.slice(other(), [0, 0, 0, 0], [1, 7, 1, 1])),
  "multiply by what is folded": (x) => tf.mul(x, tf.sum(tf.linspace(0, 1, 5))),
  divide: (x) => tf.div(x, other()),
  "divide integers": (x) => float(tf.floorDiv(tf.cast(tf.mul(x, 9), "int32"), tf.scalar(4, "int32"))),
  modulo: (x) => tf.mod(x, 0.75),
  maximum: (x) => tf.maximum(x, other()),
  minimum: (x) => tf.minimum(x, 0.3),
  power: (x) => tf.pow(tf.abs(x), tf.scalar(1.7)),
  "squared difference": (x) => tf.squaredDifference(x, other()),
};

const logic: Record<string, OpCase> = {
  cast: (x) => float(tf.cast(tf.mul(x, 10), "int32")),
  "cast to truth": (x) => float(tf.cast(tf.round(x), "bool")),
  clone: tf.clone,
  equal: (x) => float(tf.equal(tf.round(x), 1)),
  "not equal": (x) => float(tf.notEqual(tf.round(x), 1)),
  not: (x) => float(tf.logicalNot(tf.greater(x, 0))),
  compare: (x) =>
    tf.cast(
      tf.logicalAnd(
        tf.logicalOr(tf.greater(x, 1), tf.less(x, -1)),
        tf.logicalAnd(tf.greaterEqual(x, -1.5), tf.lessEqual(x, 1.5)),
      ),
      "int32",
    ),
  finite: (x) => {
    const odd = tf.div(tf.round(x), tf.round(x)), huge = tf.div(x, tf.relu(x));
    return [tf.isNaN(odd), tf.isInf(huge), tf.isFinite(huge)].map(float);
  },
  where: (x) => tf.where(tf.greater(x, 0), x, other()),
  "zeros and ones": (x) => tf.add(tf.zerosLike(x), tf.onesLike(x)),
};

const reduce: Record<string, OpCase> = {
  all: (x) => float(tf.all(tf.greater(x, -1.9), 2)),
  any: (x) => float(tf.any(tf.greater(x, 1.5), [1, 3])),
  argmax: (x) => float(tf.argMax(x, 3)),
  argmin: (x) => float(tf.argMin(x, 1)),
  cumsum: (x) => tf.cumsum(x, 1),
  "cumsum backwards": (x) => tf.cumsum(x, 3, true, true),
  max: (x) => tf.max(x, [3], true),
  min: (x) => tf.min(x, [0, 3]),
  "mean of images": (x) => tf.mean(x, [1, 2], true),
  mean: (x) => tf.mean(x, -2),
  prod: (x) => tf.prod(x, 3),
  sum: (x) => tf.sum(x),
  "sum of rows": (x) => tf.sum(x, 1),
  "sum of channels": (x) => tf.sum(x, 3),
  softmax: (x) => tf.softmax(x),
  "log softmax": (x) => tf.logSoftmax(x),
  normalize: (x) => {
    const { mean, variance } = tf.moments(x, [1, 2], true);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
  },
};

const pooling: Record<string, OpCase> = {
  "average pool": (x) => tf.avgPool(x, 2, 2, "valid"),
  "average pool, same": (x) => tf.avgPool(x, 3, 2, "same"),
  "average pool of one image": (x) => tf.squeeze(tf.avgPool<tf.Tensor3D>(tf.reshape(x, [7, 8, 3]), 2, 1, "valid")),
  "max pool": (x) => tf.maxPool(x, [3, 2], [2, 1], "same"),
  "bilinear, twice": (x) => tf.image.resizeBilinear(x, [14, 16], false, true),
  "bilinear, larger": (x) => tf.image.resizeBilinear(x, [10, 13], false, true),
  "bilinear, smaller": (x) => tf.image.resizeBilinear(x, [3, 4], false, true),
  "bilinear, corners": (x) => tf.image.resizeBilinear(x, [14, 16], true),
  "bilinear, old": (x) => tf.image.resizeBilinear(x, [14, 16]),
  "nearest, twice": (x) => tf.image.resizeNearestNeighbor(x, [14, 16], false, true),
  "nearest, smaller": (x) => tf.image.resizeNearestNeighbor(x, [3, 4], false, true),
  "nearest, old": (x) => tf.image.resizeNearestNeighbor(x, [10, 13]),
  "depth to space": (x) => tf.depthToSpace(tf.concat([x, x, tf.neg(x), x], 3), 2),
  warp: (x) => backwardWarp(x, flowOf(x)),
  "warp far outside": (x) => backwardWarp(x, flowOf(x, 30)),
  "warp to three times": (x) => {
    const flow = tf.mul(tf.tile(flowOf(x), [3, 1, 1, 1]), tf.tensor([1, 2, 3], [3, 1, 1, 1]));
    return backwardWarp(x, flow as tf.Tensor4D);
  },
};

const fused = (activation: tf.fused.Activation): OpCase => (x) =>
  tf.fused.conv2d({
    x,
    filter: filter(),
    bias: bias(),
    strides: 1,
    pad: "same",
    activation,
    leakyreluAlpha: 0.1,
    ...activation === "prelu" && { preluActivationWeights: tf.reshape(bias(), [1, 1, 5]) },
  });

const convolution: Record<string, OpCase> = {
  convolution: (x) => tf.add(tf.conv2d(x, filter(), 1, "same"), bias()),
  "convolution by two": (x) => tf.conv2d(x, filter(), 2, "same"),
  "convolution with padding": (x) => tf.conv2d(x, filter(), 2, 1, "NHWC", 1, "floor"),
  "convolution, dilated": (x) => tf.conv2d(x, filter(), 1, "same", "NHWC", 2),
  ...Object.fromEntries(
    (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const).map((activation) =>
      [`fused convolution, ${activation}`, fused(activation)] as const
    ),
  ),
  depthwise: (x) => tf.depthwiseConv2d(x, filter(2), 1, "same"),
  "depthwise, fused": (x) =>
    tf.fused.depthwiseConv2d({
      x,
      filter: filter(2),
      bias: bias(6),
      strides: 2,
      pad: "same",
      activation: "relu",
    }),
  "transposed convolution": (x) => tf.conv2dTranspose(x, randomValues([4, 4, 6, 3], 14), [1, 14, 16, 6], 2, "same"),
  "transposed convolution, valid": (x) =>
    tf.conv2dTranspose(x, randomValues([4, 4, 6, 3], 14), [1, 16, 18, 6], 2, "valid"),
};

const matrix: Record<string, OpCase> = {
  product: (x) => tf.matMul(tf.reshape(x, [7, 8, 3]), tf.reshape(randomValues([3, 4], 17), [1, 3, 4])),
  "product, flipped": (x) => tf.matMul(x, x, false, true),
  "fused product": (x) =>
    tf.fused.matMul({
      a: tf.reshape(x, [56, 3]),
      b: tf.reshape(randomValues([4, 3], 17), [4, 3]),
      transposeB: true,
      bias: bias(4),
      activation: "relu",
    }),
  "batch normalization": (x) =>
    tf.batchNorm4d(
      x,
      perChannel() as tf.Tensor1D,
      perChannel(0.5, 2) as tf.Tensor1D,
      perChannel() as tf.Tensor1D,
      perChannel(1, 3) as tf.Tensor1D,
      1e-3,
    ),
};

const shape: Record<string, OpCase> = {
  reshape: (x) => tf.reshape(x, [-1, 4, 3]),
  "expand dims": (x) => tf.expandDims(x, 1),
  "expand dims at the end": (x) => tf.expandDims(tf.slice(x, [0, 0, 0, 0], [1, 7, 8, 1]), -1),
  squeeze: (x) => tf.squeeze(tf.slice(x, [0, 1, 0, 0], [1, 1, 8, 3])),
  "transpose to channels first": (x) => tf.transpose(x, [0, 3, 1, 2]),
  transpose: (x) => tf.transpose(x, [0, 2, 1, 3]),
  "transpose three axes": (x) => tf.transpose(tf.reshape(x, [7, 8, 3]), [2, 0, 1]),
  tile: (x) => tf.tile(x, [2, 1, 2, 3]),
  "tile once": (x) => tf.tile(x, [1, 1, 1, 1]),
  pad: (x) => tf.pad(x, [[0, 0], [1, 2], [0, 3], [0, 1]], 0.5),
  "pad, reflected": (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [0, 3], [0, 0]], "reflect"),
  "pad, symmetric": (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [0, 3], [0, 0]], "symmetric"),
};

const parts: Record<string, OpCase> = {
  "sum of many": (x) => tf.addN([x, other(), tf.relu(x)]),
  "concat channels": (x) => tf.concat([x, other(), x], 3),
  "concat rows": (x) => tf.concat([x, other()], 1),
  "concat pictures": (x) => tf.concat([tf.relu(x), x], 0),
  stack: (x) => tf.stack([x, other()], 1),
  "stack at the end": (x) => tf.stack([x, x], -1),
  split: (x) => tf.split(x, 3, 3),
  "split by sizes": (x) => tf.split(x, [2, 5], 1),
  "split into one": (x) => tf.split(x, 1, 3),
  unstack: (x) => tf.unstack(x, 3),
  slice: (x) => tf.slice(x, [0, 1, 2, 1], [1, -1, 3, 2]),
  "slice all": (x) => tf.slice(x, [0, 0, 0, 0], [1, 7, 8, 3]),
  "slice by steps": (x) => tf.stridedSlice(x, [0, 6, 0, 0], [1, 0, 8, 3], [1, -2, 3, 1], 0b1001, 0b1101),
  "slice by masks": (x) => tf.stridedSlice(x, [0, 0, 1], [0, 1, 2], [1, 1, 1], 0b1, 0b1, 0b100, 0b10, 0b10),
  "slice backwards": (x) => tf.stridedSlice(x, [0, 0, -1, 0], [1, 7, -9, 3], [1, 1, -1, 1]),
  reverse: (x) => tf.reverse(x, [1, -1]),
  "reverse all": (x) => tf.reverse(x),
  "gather channels": (x) => tf.gather(x, tf.tensor1d([2, 0, 0], "int32"), 3),
  "gather by a table": (x) => tf.gather(x, tf.tensor2d([[2, 0], [1, 1]], [2, 2], "int32"), 1),
  "gather at the end": (x) => tf.gather(x, [2, 1, 0], -1),
  "gather in batches": (x) =>
    tf.gather(tf.reshape(x, [7, 8, 3]), tf.tensor2d(Array(14).fill(2), [7, 2], "int32"), 1, 1),
  "gather in batches further on": (x) =>
    tf.gather(
      tf.reshape(x, [7, 4, 2, 3]),
      tf.tensor2d(Array.from({ length: 14 }, (_, i) => i % 3), [7, 2], "int32"),
      3,
      1,
    ),
};

/** All cases by kind and name. */
export const OP_CASES: Readonly<Record<string, Readonly<Record<string, OpCase>>>> = {
  elementwise,
  logic,
  reduce,
  pooling,
  convolution,
  matrix,
  shape,
  parts,
};
