import defer * as tf from "@tensorflow/tfjs-core";
import { timesOverPixels } from "./flow_at_t.ts";

/** Prevents a division by zero if neither frame is visible. */
const EPSILON = 1e-6;

/**
 * Blends two warped frames by temporal distance and visibility, equation 5 of the paper:
 * [(1−t)·V·first + t·(1−V)·second] / Z with Z = (1−t)·V + t·(1−V) + 1e-6.
 *
 * @param first g(I0, F(t→0)) [T, H, W, C].
 * @param second g(I1, F(t→1)) [T, H, W, C].
 * @param visibility V(t←0) [T, H, W, 1] in [0, 1].
 * @param times In (0, 1), [T].
 * @returns [T, H, W, C]; the caller disposes.
 */
export function synthesize(
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  visibility: tf.Tensor4D,
  times: tf.Tensor1D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const t = timesOverPixels(times);
    const ofFirst = tf.mul(tf.sub(1, t), visibility), ofSecond = tf.mul(t, tf.sub(1, visibility));
    const sum = tf.add(tf.mul(ofFirst, first), tf.mul(ofSecond, second));
    return tf.div(sum, tf.add(tf.add(ofFirst, ofSecond), EPSILON)) as tf.Tensor4D;
  });
}
