import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec, Warp } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { repeatForTimes } from "../super-slomo/flow_at_t.ts";
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

/** Inputs of {@linkcode estimateAtT}. */
export interface RifeInputs {
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

/** Flow and visibility at t. */
export interface FrameEstimate {
  /** F(t→0) and F(t→1), side by side, [T, H, W, 4] in pixels. */
  readonly flow: tf.Tensor4D;
  /** Logit of the weight of the first warped frame, [T, H, W, 1]. */
  readonly logit: tf.Tensor4D;
}

/** Returns the flow to the first (0) or the second frame (1) of a {@linkcode FrameEstimate}. */
export const flowOf = (flow: tf.Tensor4D, side: 0 | 1): tf.Tensor4D => channelsOf(flow, 2 * side, 2);

/** Returns both frames warped along the flow of an estimate. */
export function warpAlong(first: tf.Tensor4D, second: tf.Tensor4D, flow: tf.Tensor4D, warp: Warp) {
  return [warp.warp(first, flowOf(flow, 0)), warp.warp(second, flowOf(flow, 1))] as const;
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

/** The 2×2 pixels in the middle of a block of pixels. */
const MIDDLE = [[0, 0], [0, 1], [1, 0], [1, 1]] as const;

/** Returns every `step`-th pixel of `x` [N, H, W, C] from row `y` and column `x0` on. */
function everyPixel(x: tf.Tensor4D, y: number, x0: number, step: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  return tf.avgPool(tf.slice(x, [0, y, x0, 0], [n, height - y, width - x0, channels]), 1, step, "valid");
}

/**
 * Returns both frames, warped along the flow and reduced by `step`, an even number above 2, by bilinear resizing: the mean of
 * the 2×2 pixels in the middle of each block of `step`×`step` pixels.
 */
function warpMiddles(sides: Sides, flow: tf.Tensor4D, step: number): Sides {
  const begin = step / 2 - 1;
  const samples = MIDDLE.map(([y, x]) => {
    // A reduced flow belongs to the centers of the blocks, half a pixel beside each of these pixels.
    const there = tf.add<tf.Tensor4D>(everyPixel(flow, begin + y, begin + x, step), [
      x - 0.5,
      y - 0.5,
      x - 0.5,
      y - 0.5,
    ]);
    return sides.map((side, i) => ops.backwardWarp(side, flowOf(there, i as 0 | 1)));
  });
  const mean = (i: 0 | 1) => tf.div<tf.Tensor4D>(tf.addN(samples.map((sample) => sample[i]!)), MIDDLE.length);
  return [mean(0), mean(1)];
}

/**
 * Estimates flow and visibility at t with IFNet of RIFE 4.25: blocks, coarse to fine, refine the flow from the frame at t to
 * both source frames and the visibility, each from the frames and their features warped along the flow so far.
 *
 * A coarse block sees the warped frames reduced, of which a pixel is the mean of the 2×2 pixels in the middle of a block of
 * pixels, so that only these pixels are warped. With reduced warps, it is a single sample of the frames averaged over 2×2
 * pixels, along the flow in the middle.
 *
 * @param warp Samples frames and features in their resolution.
 * @returns Both in full resolution, of the padded size.
 */
export function estimateAtT(
  parameters: Parameters,
  { features, times, flowScale }: RifeInputs,
  view: FrameView,
  warp: Warp,
): FrameEstimate {
  const { reductions, reducedWarps } = view, seenScale = isHalved(view) ? 2 : 1;
  const count = times.shape[0];
  const whole: Sides = [features[0].seen, features[1].seen];
  const [, seenHeight, seenWidth] = whole[0].shape, height = seenHeight * seenScale, width = seenWidth * seenScale;
  const resize = (x: tf.Tensor4D, reduction: number) => ops.resizeBilinear(x, height / reduction, width / reduction);
  const reduce = (sides: Sides, reduction: number): Sides => [resize(sides[0], reduction), resize(sides[1], reduction)];
  /** The flow in pixels of what the blocks see. */
  const seenFlow = (flow: tf.Tensor4D) => seenScale === 1 ? flow : tf.div<tf.Tensor4D>(flow, seenScale);
  const seenAlong = (flow: tf.Tensor4D, reduction: number): Sides => {
    const step = reduction / seenScale;
    if (step <= (reducedWarps ? 1 : 2)) return reduce(warpAlong(...whole, seenFlow(flow), warp), reduction);
    if (!reducedWarps) return warpMiddles(whole, seenFlow(flow), step);
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
      ? [
        repeatForTimes(resize(whole[0], reduction), count),
        repeatForTimes(resize(whole[1], reduction), count),
      ] as const
      : seenAlong(flow, reduction);
    const known = flow && tf.div<tf.Tensor4D>(resize(flow, reduction), reduction);
    const before: BlockInput[] = rest && known
      ? [
        { x: resize(rest, reduction), channels: [[FIRST_INPUTS, LOGIT + STATE]] },
        { x: known, channels: [[INPUTS - FLOW, FLOW]] },
      ]
      : [];
    const found = runBlock(parameters, `block.${i}`, [...frameInputs(seen, times), ...before], kept);
    const change = resize(tf.mul<tf.Tensor4D>(channelsOf(found, 0, FLOW), reduction), grid);
    flow = flow === undefined ? change : tf.add<tf.Tensor4D>(flow, change);
    rest = channelsOf(found, FLOW, kept - FLOW);
  });
  return { flow: resize(flow!, 1), logit: resize(rest!, 1) };
}
