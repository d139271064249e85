import * as tf from "@tensorflow/tfjs-core";

/**
 * |x|, with gradient 0 where x is 0, as PyTorch has it. tfjs's own is −1 there, which pushes what is already right.
 * The caller disposes.
 */
export function magnitude<T extends tf.Tensor>(x: T): T {
  const absolute = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.abs(input as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => tf.mul(dy, tf.sign(saved[0]!))),
    };
  });
  return absolute(x) as T;
}

/** Mean |a − b| over everything; the caller disposes. */
export function meanDistance(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(magnitude(tf.sub(a, b))));
}
