import defer * as tf from "@tensorflow/tfjs-core";

/**
 * Returns |x|, with gradient 0 at x = 0, as in PyTorch. The gradient of `tf.abs` is −1 there, which moves values that
 * are already correct. The caller disposes the result.
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

/** Returns mean |a − b| over all elements; the caller disposes it. */
export function meanDistance(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(magnitude(tf.sub(a, b))));
}
