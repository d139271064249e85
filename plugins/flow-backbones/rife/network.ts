import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec, Warp } from "@slomo/core";
import defer * as ops from "@slomo/ops";

/** Slope of the leaky ReLUs below zero. */
const SLOPE = 0.2;

/** Factors by which the blocks reduce the frames, coarse to fine. */
const REDUCTIONS = [16, 8, 4, 2, 1] as const;

/** Number of blocks. */
export const BLOCKS: number = REDUCTIONS.length;

/** A block halves its input twice. */
const HALVINGS = 2;

/** Frames must have sizes that are multiples of this at flow scale 1. */
export const MULTIPLE: number = REDUCTIONS[0] * 2 ** HALVINGS;

/** Residual convolutions of a block. */
export const RESIDUALS = 8;

/** Channels of the features of a frame. */
const FEATURES = 4;

/** Channels of the encoder. */
const ENCODER = 16;

/** Outputs of a block: flow to the first and to the second frame, the logit of the visibility, and its state for the next block. */
const FLOW = 4, LOGIT = 1, STATE = 8;

/** Channels of all outputs of a block. */
export const OUTPUTS: number = FLOW + LOGIT + STATE;

/** Inputs of the first block: two frames, their features, and the time. */
export const FIRST_INPUTS: number = 2 * (3 + FEATURES) + 1;

/** Inputs of the other blocks: the outputs of the block before, too. */
export const INPUTS: number = FIRST_INPUTS + OUTPUTS;

/** The network's outputs in full resolution. */
export interface Outputs {
  /** Frames [T, H, W, 3]. */
  readonly frames: tf.Tensor4D;
  /** F(t→0) [T, H, W, 2] in pixels. */
  readonly flowToFirst: tf.Tensor4D;
  /** F(t→1) [T, H, W, 2] in pixels. */
  readonly flowToSecond: tf.Tensor4D;
  /** V(t←0) [T, H, W, 1]. */
  readonly visibility: tf.Tensor4D;
}

function convolutionSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [3, 3, inputs, outputs], init: { kind: "he", slope: SLOPE } },
    { name: `${name}.bias`, shape: [outputs], init: { kind: "zeros" } },
  ];
}

/** Filters of transposed convolutions are [height, width, output, input]. */
function transposedSpecs(name: string, inputs: number, outputs: number, init: ParameterSpec["init"]): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [4, 4, outputs, inputs], init },
    { name: `${name}.bias`, shape: [outputs], init: { kind: "zeros" } },
  ];
}

/**
 * Returns the tensors of the network: `encoder.0` to `encoder.3`, and in each block `down.0`, `down.1`, `residual.0` to
 * `residual.7` and `up`.
 *
 * @param channels Channels of the blocks, even numbers, coarse to fine.
 */
export function rifeParameters(channels: readonly number[]): ParameterSpec[] {
  const blocks = channels.flatMap((count, i) => [
    ...convolutionSpecs(`block.${i}.down.0`, i === 0 ? FIRST_INPUTS : INPUTS, count / 2),
    ...convolutionSpecs(`block.${i}.down.1`, count / 2, count),
    ...Array.from({ length: RESIDUALS }, (_, k) => convolutionSpecs(`block.${i}.residual.${k}`, count, count)).flat(),
    // Training begins with almost no motion.
    ...transposedSpecs(`block.${i}.up`, count, 4 * OUTPUTS, { kind: "normal", deviation: 1e-3 }),
  ]);
  return [
    ...convolutionSpecs("encoder.0", 3, ENCODER),
    ...convolutionSpecs("encoder.1", ENCODER, ENCODER),
    ...convolutionSpecs("encoder.2", ENCODER, ENCODER),
    ...transposedSpecs("encoder.3", ENCODER, FEATURES, { kind: "he", slope: SLOPE }),
    ...blocks,
  ];
}

function channelsOf(x: tf.Tensor4D, begin: number, count: number): tf.Tensor4D {
  const [n, height, width] = x.shape;
  return tf.slice(x, [0, 0, 0, begin], [n, height, width, count]);
}

/** A convolution with zeros around its input, as PyTorch's `padding=1`, and a leaky ReLU. */
function convolve(parameters: Parameters, name: string, x: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  const filter = parameters[`${name}.weight`] as tf.Tensor4D, bias = parameters[`${name}.bias`] as tf.Tensor1D;
  return ops.leakyConvolution(x, filter, bias, SLOPE, stride, 1);
}

/** A filter that returns its input. */
function identityFilter(channels: number): tf.Tensor4D {
  return tf.pad(tf.reshape(tf.eye(channels), [1, 1, channels, channels]), [[1, 1], [1, 1], [0, 0], [0, 0]]);
}

/** A residual convolution, leakyRelu(conv(x) + x), as one convolution. */
function residual(parameters: Parameters, name: string, x: tf.Tensor4D, identity: tf.Tensor4D): tf.Tensor4D {
  const filter = tf.add<tf.Tensor4D>(parameters[`${name}.weight`]!, identity);
  return ops.leakyConvolution(x, filter, parameters[`${name}.bias`] as tf.Tensor1D, SLOPE, 1, 1);
}

/** Doubles the size by a transposed convolution. */
function enlarge(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const [n, height, width] = x.shape, outputs = filter.shape[2];
  return tf.add(tf.conv2dTranspose(x, filter, [n, 2 * height, 2 * width, outputs], 2, "same"), bias);
}

/** Returns the features [N, H, W, 4] of frames of even size. */
export function encodeFrame(parameters: Parameters, frame: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    let x = convolve(parameters, "encoder.0", frame, 2);
    x = convolve(parameters, "encoder.1", x, 1);
    x = convolve(parameters, "encoder.2", x, 1);
    return enlarge(x, parameters["encoder.3.weight"] as tf.Tensor4D, parameters["encoder.3.bias"] as tf.Tensor1D);
  });
}

/** The first `kept` of the outputs of a filter's or bias's `axis`, which has all outputs for each of the pixels of a 2×2 block. */
function keepOutputs(x: tf.Tensor, kept: number, axis: number): tf.Tensor {
  if (kept === OUTPUTS) return x;
  const before = x.shape.slice(0, axis), after = x.shape.slice(axis + 1);
  const pixels = tf.reshape(x, [...before, 4, OUTPUTS, ...after]);
  const part = tf.slice(pixels, pixels.shape.map(() => 0), [...before, 4, kept, ...after]);
  return tf.reshape(part, [...before, 4 * kept, ...after]);
}

/**
 * Runs a block on `x` and `flow`, reduced by `reduction`.
 *
 * @returns The first `kept` outputs at the size of `x`; flow in pixels of it.
 */
function runBlock(
  parameters: Parameters,
  name: string,
  x: tf.Tensor4D,
  flow: tf.Tensor4D | undefined,
  reduction: number,
  kept: number,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [, height, width] = x.shape,
      reduce = (x: tf.Tensor4D) => ops.resizeBilinear(x, height / reduction, width / reduction);
    const input = flow === undefined
      ? reduce(x)
      : tf.concat([reduce(x), tf.div<tf.Tensor4D>(reduce(flow), reduction)], 3);
    let y = convolve(parameters, `${name}.down.1`, convolve(parameters, `${name}.down.0`, input, 2), 2);
    const identity = identityFilter(y.shape[3]);
    for (let k = 0; k < RESIDUALS; k++) y = residual(parameters, `${name}.residual.${k}`, y, identity);
    const filter = keepOutputs(parameters[`${name}.up.weight`]!, kept, 2) as tf.Tensor4D;
    const bias = keepOutputs(parameters[`${name}.up.bias`]!, kept, 0) as tf.Tensor1D;
    const out = ops.resizeBilinear(ops.depthToSpace(enlarge(y, filter, bias), 2), height, width);
    const rest = kept - FLOW;
    return tf.concat([tf.mul(channelsOf(out, 0, FLOW), reduction), channelsOf(out, FLOW, rest)], 3) as tf.Tensor4D;
  });
}

/**
 * Interpolates frames with IFNet of RIFE 4.25: five blocks, coarse to fine, refine the flow from the frame at t to both
 * source frames and the visibility, each from the frames and their features warped along the flow so far.
 *
 * @param first I0 [N, H, W, 3], H and W multiples of {@linkcode MULTIPLE} over `flowScale`.
 * @param second I1 [N, H, W, 3].
 * @param features Those of both frames, from {@linkcode encodeFrame}.
 * @param times In (0, 1), [T]; T equals N, or N is 1.
 * @param flowScale Resolution scale of the flow, a power of two, at most 1.
 * @param warp Samples frames and features.
 */
export function interpolateRife(
  parameters: Parameters,
  [first, second]: readonly [tf.Tensor4D, tf.Tensor4D],
  features: readonly [tf.Tensor4D, tf.Tensor4D],
  times: tf.Tensor1D,
  flowScale: number,
  warp: Warp,
): Outputs {
  const count = times.shape[0], repeat = (x: tf.Tensor4D) => x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
  // A plane of the size of the frames is made from a frame, so that no size becomes part of a traced graph.
  const zeros = tf.mul(channelsOf(first, 0, 1), 0);
  const time = tf.add(zeros, tf.reshape(times, [-1, 1, 1, 1])) as tf.Tensor4D;
  const whole = [tf.concat([first, features[0]], 3), tf.concat([second, features[1]], 3)] as const;
  const warped = (images: readonly [tf.Tensor4D, tf.Tensor4D], flow: tf.Tensor4D) =>
    [warp.warp(images[0], channelsOf(flow, 0, 2)), warp.warp(images[1], channelsOf(flow, 2, 2))] as const;
  let seen: readonly [tf.Tensor4D, tf.Tensor4D] = [repeat(whole[0]), repeat(whole[1])];
  let flow: tf.Tensor4D | undefined, rest: tf.Tensor4D | undefined;
  REDUCTIONS.forEach((reduction, i) => {
    const isLast = i === BLOCKS - 1, kept = isLast ? FLOW + LOGIT : OUTPUTS;
    const input = tf.concat([
      ...seen.map((x) => channelsOf(x, 0, 3)),
      ...seen.map((x) => channelsOf(x, 3, FEATURES)),
      time,
      ...rest ? [rest] : [],
    ], 3);
    const found = runBlock(parameters, `block.${i}`, input, flow, reduction / flowScale, kept);
    const change = channelsOf(found, 0, FLOW);
    flow = flow === undefined ? change : tf.add<tf.Tensor4D>(flow, change);
    rest = channelsOf(found, FLOW, kept - FLOW);
    seen = warped(isLast ? [first, second] : whole, flow);
  });
  const visibility = tf.sigmoid(rest!);
  const frames = tf.add<tf.Tensor4D>(tf.mul(seen[0], visibility), tf.mul(seen[1], tf.sub(1, visibility)));
  return { frames, flowToFirst: channelsOf(flow!, 0, 2), flowToSecond: channelsOf(flow!, 2, 2), visibility };
}
