import defer * as tf from "@tensorflow/tfjs-core";

/**
 * Returns mean |x|, with gradient 0 at x = 0, as in PyTorch. The gradient of `tf.abs` is −1 there, which moves values that
 * are already correct. The caller disposes the result.
 */
export function meanMagnitude(x: tf.Tensor): tf.Scalar {
  const mean = tf.customGrad((input, save) => {
    const values = input as tf.Tensor;
    (save as tf.GradSaveFunc)([values]);
    return {
      value: tf.tidy(() => tf.mean(tf.abs(values))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => tf.mul(tf.sign(saved[0]!), tf.div(dy, values.size))),
    };
  });
  return mean(x) as tf.Scalar;
}

/** Returns mean |a − b| over all elements; the caller disposes it. */
export function meanDistance(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.tidy(() => meanMagnitude(tf.sub(a, b)));
}
