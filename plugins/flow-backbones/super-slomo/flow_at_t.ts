import defer * as tf from "@tensorflow/tfjs-core";

/** Flow from the frame at t to the first and to the second frame, [T, H, W, 2] in pixels. */
export interface FlowAtT {
  /** F(t→0). */
  readonly flowToFirst: tf.Tensor4D;
  /** F(t→1). */
  readonly flowToSecond: tf.Tensor4D;
}

/** Returns `times` [T] in a shape that broadcasts over [T, H, W, C]. */
export function timesOverPixels(times: tf.Tensor1D): tf.Tensor4D {
  return tf.reshape(times, [times.shape[0], 1, 1, 1]);
}

/** Repeats `x` [1 or T, H, W, C] for each of `count` times. */
export function repeatForTimes(x: tf.Tensor4D, count: number): tf.Tensor4D {
  return x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
}

/**
 * Returns the approximate flow at t, equation 4 of the paper: F^(t→0) = −(1−t)·t·F(0→1) + t²·F(1→0),
 * F^(t→1) = (1−t)²·F(0→1) − t·(1−t)·F(1→0).
 *
 * @param forward F(0→1) [N, H, W, 2].
 * @param backward F(1→0) [N, H, W, 2].
 * @param times In (0, 1), [T]; T equals N, or N is 1.
 * @returns [T, H, W, 2] each; the caller disposes.
 */
export function flowAtT(forward: tf.Tensor4D, backward: tf.Tensor4D, times: tf.Tensor1D): FlowAtT {
  const [flowToFirst, flowToSecond] = tf.tidy(() => {
    const t = timesOverPixels(times), rest = tf.sub(1, t), both = tf.mul(t, rest);
    return [
      tf.sub(tf.mul(tf.square(t), backward), tf.mul(both, forward)) as tf.Tensor4D,
      tf.sub(tf.mul(tf.square(rest), forward), tf.mul(both, backward)) as tf.Tensor4D,
    ] as [tf.Tensor4D, tf.Tensor4D];
  });
  return { flowToFirst, flowToSecond };
}
