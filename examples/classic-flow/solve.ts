import type { Warp } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { neighbors, slopes, smooth } from "./images.ts";

/** Options of the solver on one level. */
export interface SolveOptions {
  /** Number of warps of the second frame. */
  readonly warps: number;
  /** Number of Jacobi iterations between two warps. */
  readonly iterations: number;
  /** Weight of the smoothness term. */
  readonly smoothness: number;
}

/** Intensity difference above which the data term has less weight. */
const OUTLIER = 0.03;

/** Image gradient per pixel at which neighbors have half the weight: motion often changes at edges. */
const EDGE = 0.05;

/** Weights of the neighbors to the left, right, above and below, and 1 over their sum; [N, H, W, 1] each. */
interface Ties {
  readonly shares: readonly tf.Tensor4D[];
  readonly sum: tf.Tensor4D;
}

function tiesOf(frame: tf.Tensor4D): Ties {
  const level = tf.mean<tf.Tensor4D>(frame, 3, true);
  const weights = neighbors(level).map((other) => tf.div(1, tf.add(1, tf.square(tf.div(tf.sub(other, level), EDGE)))));
  const sum = tf.addN(weights) as tf.Tensor4D;
  return { shares: weights.map((weight) => tf.div(weight, sum)), sum };
}

function meanAround(flow: tf.Tensor4D, { shares }: Ties): tf.Tensor4D {
  return tf.addN(neighbors(flow).map((other, i) => tf.mul(other, shares[i]!)));
}

/** Sums over channels, then averages over the neighborhood of a pixel. */
const gather = (x: tf.Tensor4D) => smooth(smooth(tf.sum<tf.Tensor4D>(x, 3, true)));

/** Returns 1 for positions in the image and 0 for others [N, H, W, 1]. */
function insideOf(flow: tf.Tensor4D): tf.Tensor4D {
  const [, h, w] = flow.shape;
  const [dx, dy] = tf.split<tf.Tensor4D>(flow, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
  const x = tf.add(dx, tf.reshape(tf.range(0, w), [1, 1, w, 1])),
    y = tf.add(dy, tf.reshape(tf.range(0, h), [1, h, 1, 1]));
  const within = (at: tf.Tensor, last: number) =>
    tf.mul(tf.cast(tf.greaterEqual(at, 0), "float32"), tf.cast(tf.lessEqual(at, last), "float32"));
  return tf.mul(within(x, w - 1), within(y, h - 1));
}

/**
 * Computes one warp of Bruhn's combination of Lucas-Kanade and Horn-Schunck: minimizes Σ ψ·(∇I·δ + I_t)² over the
 * neighborhood of a pixel plus `smoothness` times the squared differences of neighbors' flow, for the change δ of
 * `flow`, by Jacobi iterations. ψ is the weight of a robust penalty.
 */
function improve(
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  flow: tf.Tensor4D,
  ties: Ties,
  { iterations, smoothness }: SolveOptions,
  { warp }: Warp,
): tf.Tensor4D {
  return tf.tidy(() => {
    const seen = warp(second, flow), change = tf.sub<tf.Tensor4D>(seen, first);
    const [dx, dy] = slopes(tf.div(tf.add(seen, first), 2));
    const error = tf.mean<tf.Tensor4D>(tf.square(change), 3, true);
    const trust = tf.mul<tf.Tensor4D>(insideOf(flow), tf.rsqrt(tf.add(1, tf.div(error, OUTLIER ** 2))));
    const product = (a: tf.Tensor4D, b: tf.Tensor4D) => gather(tf.mul(tf.mul(a, b), trust));
    const xx = product(dx, dx), xy = product(dx, dy), yy = product(dy, dy);
    const xt = product(dx, change), yt = product(dy, change);

    // δ = a + step(a), where a depends on the neighbors: the minimum for a pixel with fixed neighbors.
    const tie = tf.mul<tf.Tensor4D>(ties.sum, smoothness), ax = tf.add(xx, tie), ay = tf.add(yy, tie);
    const scale = tf.div(1, tf.sub(tf.mul(ax, ay), tf.square(xy)));
    const solve = (r: tf.Tensor4D, s: tf.Tensor4D) =>
      tf.concat([
        tf.mul<tf.Tensor4D>(tf.sub(tf.mul(ay, r), tf.mul(xy, s)), scale),
        tf.mul<tf.Tensor4D>(tf.sub(tf.mul(ax, s), tf.mul(xy, r)), scale),
      ], 3);
    const byX = solve(xx, xy), byY = solve(xy, yy), byTime = solve(xt, yt);
    let found = flow;
    for (let i = 0; i < iterations; i++) {
      found = tf.tidy(() => {
        const mean = meanAround(found, ties);
        const [a, b] = tf.split<tf.Tensor4D>(tf.sub(mean, flow), 2, 3) as [tf.Tensor4D, tf.Tensor4D];
        return tf.sub(mean, tf.addN([tf.mul(byX, a), tf.mul(byY, b), byTime]));
      });
    }
    return found;
  });
}

/**
 * Refines an approximate flow between frames of one size.
 *
 * @param first Frames [N, H, W, 3].
 * @param second Frames of the same shape.
 * @param flow Approximate flow from each first frame to its second frame [N, H, W, 2], in pixels.
 * @returns The refined flow; the caller disposes.
 */
export function solve(
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  flow: tf.Tensor4D,
  options: SolveOptions,
  warp: Warp,
): tf.Tensor4D {
  return tf.tidy(() => {
    const ties = tiesOf(first);
    let found = tf.clone(flow);
    for (let i = 0; i < options.warps; i++) found = improve(first, second, found, ties, options, warp);
    return found;
  });
}
