import * as tf from "@tensorflow/tfjs-core";

/** Repeats the last row of `x` [N, H, W, C] `bottom` times and the last column `right` times. Differentiable. */
export function padEdges(x: tf.Tensor4D, bottom: number, right: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [n, h, w, c] = x.shape;
    let padded = x;
    if (right > 0) {
      const edge = tf.slice(padded, [0, 0, w - 1, 0], [n, h, 1, c]);
      padded = tf.concat([padded, tf.tile(edge, [1, 1, right, 1])], 2);
    }
    if (bottom > 0) {
      const edge = tf.slice(padded, [0, h - 1, 0, 0], [n, 1, w + right, c]);
      padded = tf.concat([padded, tf.tile(edge, [1, bottom, 1, 1])], 1);
    }
    return padded === x ? tf.clone(x) : padded;
  });
}

/**
 * Pads `x` [N, H, W, C] with replicated edges on the right and below to multiples of `multiple`.
 *
 * @throws {RangeError} If `multiple` is no integer above 0.
 */
export function padToMultiple(x: tf.Tensor4D, multiple: number): tf.Tensor4D {
  if (!Number.isInteger(multiple) || multiple < 1) {
    throw new RangeError(`padToMultiple: multiple must be an integer above 0, got ${multiple}`);
  }
  const missing = (size: number) => (multiple - size % multiple) % multiple;
  return padEdges(x, missing(x.shape[1]), missing(x.shape[2]));
}

/** Returns the upper left `height` × `width` pixels of `x` [N, H, W, C], and so undoes {@linkcode padToMultiple}. */
export function cropTo(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  return h === height && w === width ? tf.clone(x) : tf.slice(x, [0, 0, 0, 0], [n, height, width, c]);
}
