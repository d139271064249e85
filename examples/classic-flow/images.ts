import * as tf from "@tensorflow/tfjs-core";

/** Pads `x` [N, H, W, C] by one replicated pixel on each side. */
function framed(x: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const row = (y: number) => tf.slice(x, [0, y, 0, 0], [n, 1, w, c]);
  const tall = tf.concat([row(0), x, row(h - 1)], 1);
  const column = (at: number) => tf.slice(tall, [0, 0, at, 0], [n, h + 2, 1, c]);
  return tf.concat([column(0), tall, column(w - 1)], 2);
}

/** Returns the neighbor of each pixel in a direction; at the border, the pixel itself. `x` is {@linkcode framed}. */
function neighbor(x: tf.Tensor4D, dy: number, dx: number): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  return tf.slice(x, [0, 1 + dy, 1 + dx, 0], [n, h - 2, w - 2, c]);
}

/** Returns the pixels to the left, right, above and below. */
export function neighbors(x: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  const wide = framed(x);
  return [neighbor(wide, 0, -1), neighbor(wide, 0, 1), neighbor(wide, -1, 0), neighbor(wide, 1, 0)];
}

/** Returns ∂x and ∂y of `x` [N, H, W, C] per pixel, by central differences. */
export function slopes(x: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
  const [left, right, above, below] = neighbors(x);
  return [tf.div(tf.sub(right, left), 2), tf.div(tf.sub(below, above), 2)];
}

/** Blurs each pixel with weights 1-2-1 in both directions. */
export function smooth(x: tf.Tensor4D): tf.Tensor4D {
  const [left, right] = neighbors(x), wide = tf.div<tf.Tensor4D>(tf.addN([x, x, left, right]), 4);
  const [, , above, below] = neighbors(wide);
  return tf.div(tf.addN([wide, wide, above, below]), 4);
}

/** Returns `x` at half the size, rounded up: means of 2 × 2 pixels. */
export function half(x: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const tall = h % 2 === 0 ? x : tf.concat([x, tf.slice(x, [0, h - 1, 0, 0], [n, 1, w, c])], 1);
  const even = w % 2 === 0 ? tall : tf.concat([tall, tf.slice(tall, [0, 0, w - 1, 0], [n, h + h % 2, 1, c])], 2);
  return tf.avgPool(even, 2, 2, "valid");
}

/** Returns `flow` [N, h, w, 2] at twice the size, cropped to `height` × `width`, in pixels of that size. */
export function doubled(flow: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [n, h, w] = flow.shape;
  const large = tf.image.resizeBilinear(tf.mul<tf.Tensor4D>(flow, 2), [2 * h, 2 * w], false, true);
  return tf.slice(large, [0, 0, 0, 0], [n, height, width, 2]);
}
