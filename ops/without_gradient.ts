import * as tf from "@tensorflow/tfjs-core";

/** What `compute` makes, as a constant: no gradient goes back through it. The caller disposes. */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  // Inside customGrad the tape is off, and its result hangs on its inputs alone, here a scalar that nothing depends on.
  const run = tf.customGrad((input) => ({ value: compute(), gradFunc: () => tf.zerosLike(input as tf.Scalar) }));
  return tf.tidy(() => run(tf.scalar(0))) as T;
}
