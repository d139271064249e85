import * as tf from "@tensorflow/tfjs-core";

/** Returns the result of `compute` as a constant, without gradients. The caller disposes it. */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  // customGrad does not record inner ops, and its result depends only on its inputs: here an unrelated scalar.
  const run = tf.customGrad((input) => ({ value: compute(), gradFunc: () => tf.zerosLike(input as tf.Scalar) }));
  return tf.tidy(() => run(tf.scalar(0))) as T;
}
