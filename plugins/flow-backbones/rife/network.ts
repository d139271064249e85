import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec, Warp } from "@slomo/core";
import defer * as ops from "@slomo/ops";

/** Slope of the leaky ReLUs below zero. */
const SLOPE = 0.2;

/** Channels of the blocks of RIFE 4.25, coarse to fine. */
export const CHANNELS: readonly number[] = [192, 128, 96, 64, 32];

/** Factors by which the blocks of RIFE 4.25 reduce the frames, coarse to fine. */
export const REDUCTIONS: readonly number[] = [16, 8, 4, 2, 1];

/** Factor by which a block reduces its input further. */
export const BLOCK_REDUCTION = 4;

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

/** Features of a frame, which all pairs with the frame share. */
export interface FrameFeatures {
  /** The frame and its features, which the blocks see warped: [N, H, W, 7], or [N, H/2, W/2, 7] without a block of reduction 1. */
  readonly seen: tf.Tensor4D;
  /** `seen` in full resolution, averaged over 2×2 neighbors [N, H, W, 7]; for reduced warps. */
  readonly averaged?: tf.Tensor4D | undefined;
}

/** Options that determine how a network sees frames. */
export interface FrameView {
  /** Factors by which the blocks reduce the frames, powers of two, coarse to fine. */
  readonly reductions: readonly number[];
  /** Whether blocks see only those pixels of the warped frames that they need. */
  readonly reducedWarps: boolean;
}

/** Whether a network sees frames in half resolution, because no block has more. */
const isHalved = ({ reductions }: FrameView) => reductions.at(-1)! > 1;

/**
 * A filter [3, 3, C, 4] of a convolution that gives the mean over 2×2 pixels of what a transposed convolution with a filter
 * [4, 4, 4, C] and a stride of 2 gives. Pixel 2i of that is x(i) w(1) + x(i - 1) w(3), and pixel 2i + 1 is
 * x(i) w(2) + x(i + 1) w(0).
 */
function halvedFilter(filter: tf.Tensor4D): tf.Tensor4D {
  const halve = (x: tf.Tensor4D, axis: 0 | 1) => {
    const [first, second, third, fourth] = tf.split(x, 4, axis);
    return tf.div<tf.Tensor4D>(tf.concat([fourth!, tf.add(second!, third!), first!], axis), 2);
  };
  return tf.transpose(halve(halve(filter, 0), 1), [0, 1, 3, 2]);
}

/** Returns the features of frames of even size. */
export function encodeFrame(parameters: Parameters, frame: tf.Tensor4D, view: FrameView): FrameFeatures {
  const [seen, averaged] = tf.tidy(() => {
    let x = convolve(parameters, "encoder.0", frame, 2);
    x = convolve(parameters, "encoder.1", x, 1);
    x = convolve(parameters, "encoder.2", x, 1);
    const filter = parameters["encoder.3.weight"] as tf.Tensor4D, bias = parameters["encoder.3.bias"] as tf.Tensor1D;
    if (isHalved(view)) {
      const half = ops.resizeBilinear(frame, frame.shape[1] / 2, frame.shape[2] / 2);
      return [tf.concat([half, tf.add<tf.Tensor4D>(tf.conv2d(x, halvedFilter(filter), 1, "same"), bias)], 3)];
    }
    const seen = tf.concat([frame, enlarge(x, filter, bias)], 3);
    return view.reducedWarps ? [seen, ops.averageNeighbors(seen)] : [seen];
  });
  return { seen: seen!, averaged };
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
 * Runs a block.
 *
 * @param x Inputs [T, H, W, C], of 1/reduction of the size of the frames.
 * @param flow Flow so far in pixels of `x`.
 * @returns The first `kept` outputs, [T, H, W, kept]; flow in pixels of `x`.
 */
function runBlock(
  parameters: Parameters,
  name: string,
  x: tf.Tensor4D,
  flow: tf.Tensor4D | undefined,
  kept: number,
): tf.Tensor4D {
  return tf.tidy(() => {
    const input = flow === undefined ? x : tf.concat([x, flow], 3);
    let y = convolve(parameters, `${name}.down.1`, convolve(parameters, `${name}.down.0`, input, 2), 2);
    const identity = identityFilter(y.shape[3]);
    for (let k = 0; k < RESIDUALS; k++) y = residual(parameters, `${name}.residual.${k}`, y, identity);
    const filter = keepOutputs(parameters[`${name}.up.weight`]!, kept, 2) as tf.Tensor4D;
    const bias = keepOutputs(parameters[`${name}.up.bias`]!, kept, 0) as tf.Tensor1D;
    return ops.depthToSpace(enlarge(y, filter, bias), 2);
  });
}

/** Inputs of {@linkcode interpolateRife}. */
export interface RifeInputs {
  /** I0 [N, H, W, 3]. */
  readonly first: tf.Tensor4D;
  /** I1 [N, H, W, 3]. */
  readonly second: tf.Tensor4D;
  /**
   * Features of both frames, from {@linkcode encodeFrame}, padded to multiples of {@linkcode BLOCK_REDUCTION} times the
   * largest reduction over `flowScale`.
   */
  readonly features: readonly [FrameFeatures, FrameFeatures];
  /** In (0, 1), [T]; T equals N, or N is 1. */
  readonly times: tf.Tensor1D;
  /** Resolution scale of the flow, a power of two, at most 1. */
  readonly flowScale: number;
}

/** The two sides of a pair: that of the first frame, and that of the second. */
type Sides = readonly [tf.Tensor4D, tf.Tensor4D];

/** Joins the inputs of a block: both frames, then their features, and the time. */
function joinInputs(sides: Sides, times: tf.Tensor1D): tf.Tensor4D {
  // A plane of the size of the frames is made from a frame, so that no size becomes part of a traced graph.
  const time = tf.add(tf.mul(channelsOf(sides[0], 0, 1), 0), tf.reshape(times, [-1, 1, 1, 1])) as tf.Tensor4D;
  const part = (begin: number, count: number) => sides.map((x) => channelsOf(x, begin, count));
  return tf.concat([...part(0, 3), ...part(3, FEATURES), time], 3);
}

/** The two flows of {@linkcode Outputs}, side by side. */
const flowOf = (flow: tf.Tensor4D, side: 0 | 1) => channelsOf(flow, 2 * side, 2);

/**
 * Interpolates frames with IFNet of RIFE 4.25: blocks, coarse to fine, refine the flow from the frame at t to both source
 * frames and the visibility, each from the frames and their features warped along the flow so far.
 *
 * A coarse block sees the warped frames reduced, of which a pixel is the mean of the 2×2 pixels in the middle of a block of
 * pixels. With reduced warps, only these means are computed: the frames averaged over 2×2 pixels are sampled there, along
 * the flow in the middle.
 *
 * @param warp Samples frames and features in their resolution.
 */
export function interpolateRife(
  parameters: Parameters,
  { first, second, features, times, flowScale }: RifeInputs,
  view: FrameView,
  warp: Warp,
): Outputs {
  const { reductions, reducedWarps } = view, seenScale = isHalved(view) ? 2 : 1;
  const count = times.shape[0], repeat = (x: tf.Tensor4D) => x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
  const whole: Sides = [features[0].seen, features[1].seen];
  const [, seenHeight, seenWidth] = whole[0].shape, height = seenHeight * seenScale, width = seenWidth * seenScale;
  const warped = (
    [a, b]: Sides,
    flow: tf.Tensor4D,
  ): Sides => [warp.warp(a, flowOf(flow, 0)), warp.warp(b, flowOf(flow, 1))];
  const resize = (x: tf.Tensor4D, reduction: number) => ops.resizeBilinear(x, height / reduction, width / reduction);
  const reduce = (sides: Sides, reduction: number): Sides => [resize(sides[0], reduction), resize(sides[1], reduction)];
  /** The flow in pixels of what the blocks see. */
  const seenFlow = (flow: tf.Tensor4D) => seenScale === 1 ? flow : tf.div<tf.Tensor4D>(flow, seenScale);
  const seenAlong = (flow: tf.Tensor4D, reduction: number): Sides => {
    if (!reducedWarps || reduction === seenScale) return reduce(warped(whole, seenFlow(flow)), reduction);
    const [a, b] = [features[0].averaged, features[1].averaged];
    const [sides, shifted] = a && b
      // The mean of pixels k and k + 1 belongs to their common border, half a pixel after k.
      ? [[a, b], tf.sub<tf.Tensor4D>(flow, 0.5)] as const
      : [whole, seenFlow(flow)] as const;
    return [ops.backwardWarp(sides[0], flowOf(shifted, 0)), ops.backwardWarp(sides[1], flowOf(shifted, 1))];
  };
  let flow: tf.Tensor4D | undefined, rest: tf.Tensor4D | undefined;
  reductions.forEach((base, i) => {
    const reduction = base / flowScale,
      grid = reducedWarps ? reduction : seenScale,
      kept = i === reductions.length - 1 ? FLOW + LOGIT : OUTPUTS;
    flow &&= resize(flow, grid);
    const seen = flow === undefined
      ? [repeat(resize(whole[0], reduction)), repeat(resize(whole[1], reduction))] as const
      : seenAlong(flow, reduction);
    const input = joinInputs(seen, times), x = rest ? tf.concat([input, resize(rest, reduction)], 3) : input;
    const known = flow && tf.div<tf.Tensor4D>(resize(flow, reduction), reduction);
    const found = resize(runBlock(parameters, `block.${i}`, x, known, kept), grid);
    const change = tf.mul<tf.Tensor4D>(channelsOf(found, 0, FLOW), reduction);
    flow = flow === undefined ? change : tf.add<tf.Tensor4D>(flow, change);
    rest = channelsOf(found, FLOW, kept - FLOW);
  });
  const cropped = (x: tf.Tensor4D) => ops.cropTo(resize(x, 1), first.shape[1], first.shape[2]);
  flow = cropped(flow!);
  const [fromFirst, fromSecond] = warped([first, second], flow), visibility = tf.sigmoid(cropped(rest!));
  const frames = tf.add<tf.Tensor4D>(tf.mul(fromFirst, visibility), tf.mul(fromSecond, tf.sub(1, visibility)));
  return { frames, flowToFirst: flowOf(flow, 0), flowToSecond: flowOf(flow, 1), visibility };
}
