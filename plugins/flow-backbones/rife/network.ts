import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec, Warp } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { type BlockInput, blockParameters, runBlock, sideChannels } from "./block.ts";
import { encoderParameters, FEATURES, type FrameFeatures, type FrameView, isHalved } from "./encoder.ts";
import { channelsOf } from "./layers.ts";

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

/**
 * Returns the tensors of the network: `encoder.0` to `encoder.3`, and those of the blocks, `block.0` and so on.
 *
 * @param channels Channels of the blocks, even numbers, coarse to fine.
 */
export function rifeParameters(channels: readonly number[]): ParameterSpec[] {
  return [
    ...encoderParameters(),
    ...channels.flatMap((count, i) =>
      blockParameters(`block.${i}`, { inputs: i === 0 ? FIRST_INPUTS : INPUTS, channels: count, outputs: OUTPUTS })
    ),
  ];
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

/** Returns the inputs of a block: both frames and their features, and the time. */
function frameInputs(sides: Sides, times: tf.Tensor1D): BlockInput[] {
  // A plane of the size of the frames is made from a frame, so that no size becomes part of a traced graph.
  const time = tf.add(tf.mul(channelsOf(sides[0], 0, 1), 0), tf.reshape(times, [-1, 1, 1, 1])) as tf.Tensor4D;
  return [...sides.map((x, side) => ({ x, channels: sideChannels(side) })), {
    x: time,
    channels: [[FIRST_INPUTS - 1, 1]],
  }];
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
    const known = flow && tf.div<tf.Tensor4D>(resize(flow, reduction), reduction);
    const before: BlockInput[] = rest && known
      ? [
        { x: resize(rest, reduction), channels: [[FIRST_INPUTS, LOGIT + STATE]] },
        { x: known, channels: [[INPUTS - FLOW, FLOW]] },
      ]
      : [];
    const found = resize(runBlock(parameters, `block.${i}`, [...frameInputs(seen, times), ...before], kept), grid);
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
