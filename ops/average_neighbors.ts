import * as tf from "@tensorflow/tfjs-core";

/** The adjoint of averaging along `axis`: each value goes in halves to its pixel and the next one, or to the last pixel. */
function distribute(dy: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const length = dy.shape[axis], begin = dy.shape.map(() => 0), half = tf.mul(dy, 0.5);
  const before = (count: number) => dy.shape.map((_, i): [number, number] => [i === axis ? count : 0, 0]);
  const part = (from: number, count: number) =>
    tf.slice(half, begin.map((_, i) => i === axis ? from : 0), dy.shape.map((size, i) => i === axis ? count : size));
  const next = tf.pad(part(0, length - 1), before(1)), last = tf.pad(part(length - 1, 1), before(length - 1));
  return tf.addN([half, next, last]) as tf.Tensor4D;
}

/**
 * Returns the means of 2×2 neighboring pixels: pixel (y, x) of the result is the mean of (y, x), (y, x + 1), (y + 1, x) and
 * (y + 1, x + 1), with the last row and column repeated. Differentiable on every backend; the gradient of tfjs's average pooling
 * is wrong at the border.
 *
 * @param x [N, H, W, C].
 * @returns [N, H, W, C]; the caller disposes.
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { averageNeighbors } from "@slomo/ops";
 *
 * averageNeighbors(tf.tensor4d([1, 3, 7], [1, 1, 3, 1])).print(); // [2, 5, 7]
 * ```
 */
export function averageNeighbors(x: tf.Tensor4D): tf.Tensor4D {
  const average = tf.customGrad((input) => ({
    value: tf.avgPool(input as tf.Tensor4D, 2, 1, "same"),
    gradFunc: (dy: tf.Tensor) => tf.tidy(() => distribute(distribute(dy as tf.Tensor4D, 1), 2)),
  }));
  return average(x) as tf.Tensor4D;
}
