import defer * as tf from "@tensorflow/tfjs-core";
import type { Warp } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { upsampleTwice } from "./upsample.ts";

/** Estimates both flows of a pair at one size: from `first` and `second` [N, H, W, 3] to F(0→1), F(1→0) [N, H, W, 4] in pixels. */
export type EstimateLevel = (first: tf.Tensor4D, second: tf.Tensor4D) => tf.Tensor4D;

/** Returns `flow` [N, H, W, C] at 2^`doublings` times the size, in pixels of that size. */
function enlarge(flow: tf.Tensor4D, doublings: number): tf.Tensor4D {
  return tf.tidy(() => {
    let enlarged = flow;
    for (let i = 0; i < doublings; i++) enlarged = tf.mul(upsampleTwice(enlarged), 2);
    return enlarged === flow ? tf.clone(flow) : enlarged;
  });
}

/** Passes of the network at each level after the first: one for each direction, or one for both. */
export type RefinementPasses = 1 | 2;

/**
 * Adds to `flow` the residual flow between the first frame and the second one warped to it. Both directions are estimated at
 * the pixels of the first frame; the residual of the backward flow is warped to those of the second one.
 */
function refineTogether(
  estimate: EstimateLevel,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  flow: tf.Tensor4D,
  warp: Warp,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [forward, backward] = tf.split(flow, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const found = estimate(first, warp.warp(second, forward));
    const [change, changeBack] = tf.split(found, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    return tf.add(flow, tf.concat([change, warp.warp(changeBack, backward)], 3)) as tf.Tensor4D;
  });
}

/** Adds to `flow` the residual flow between each frame and the other one warped to it. */
function refineApart(
  estimate: EstimateLevel,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  flow: tf.Tensor4D,
  warp: Warp,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [n, h, w] = first.shape;
    const [forward, backward] = tf.split(flow, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const found = estimate(
      tf.concat([first, warp.warp(first, backward)], 0),
      tf.concat([warp.warp(second, forward), second], 0),
    );
    const left = tf.concat(
      [tf.slice(found, [0, 0, 0, 0], [n, h, w, 2]), tf.slice(found, [n, 0, 0, 2], [n, h, w, 2])],
      3,
    );
    return tf.add(flow, left) as tf.Tensor4D;
  });
}

/**
 * Estimates flow coarse to fine: `estimate` runs on the pair at the size of the first pyramid level, then at each finer
 * level on the residual. Smaller sizes are means of the frames, which are padded (edges repeated on the right and below)
 * to multiples of the coarsest level's pixels. No gradient flows from a level to the coarser one: each is trained
 * separately.
 *
 * @param first I0 [N, H, W, 3].
 * @param second I1 [N, H, W, 3].
 * @param levels Resolution scales relative to the frame size, powers of two, ascending, at most 1. `[1]` calls
 * `estimate` once, on the frames.
 * @param warp Warps the frames, and with one pass the residual of the backward flow.
 * @param passes Passes at each level after the first.
 * @returns F(0→1), F(1→0) after each level: the last one [N, H, W, 4] in pixels of the frames, for any finest level,
 * and the others in the size and the pixels of their level; the caller disposes.
 */
export function estimateOnLevels(
  estimate: EstimateLevel,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  levels: readonly number[],
  warp: Warp,
  passes: RefinementPasses = 2,
): tf.Tensor4D[] {
  const [, height, width] = first.shape, refine = passes === 1 ? refineTogether : refineApart;
  return tf.tidy(() => {
    const [a, b] = [first, second].map((frame) => ops.padToMultiple(frame, 1 / levels[0]!)) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const found: tf.Tensor4D[] = [];
    let before = 1;
    for (const level of levels) {
      const coarse = found.at(-1), doublings = Math.log2(level / before);
      found.push(tf.tidy(() => {
        const reduce = (x: tf.Tensor4D) => level === 1 ? x : tf.avgPool(x, 1 / level, 1 / level, "valid");
        if (coarse === undefined) return estimate(reduce(a), reduce(b));
        return refine(estimate, reduce(a), reduce(b), ops.withoutGradient(() => enlarge(coarse, doublings)), warp);
      }));
      before = level;
    }
    const finest = ops.cropTo(enlarge(found.pop()!, Math.log2(1 / before)), height, width);
    return [...found, finest];
  });
}
