import * as tf from "@tensorflow/tfjs-core";

/** The four pixels around each position of a backward warp, and the weights of the right and lower ones. */
export interface Corners {
  /** Indices [T·H·W, 1] into the image's pixels: upper left, upper right, lower left, lower right. */
  readonly indices: readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  /** Weight of the right pixels [T, H, W, 1]. */
  readonly right: tf.Tensor4D;
  /** Weight of the lower pixels [T, H, W, 1]. */
  readonly lower: tf.Tensor4D;
  /** 1 for positions within the width of the image, 0 for clamped ones [T, H, W, 1]. */
  readonly insideX: tf.Tensor4D;
  /** 1 for positions within the height of the image, 0 for clamped ones [T, H, W, 1]. */
  readonly insideY: tf.Tensor4D;
}

/** Returns the corners for `flow` [T, H, W, 2] and `images` images, T or 1. Call it within `tf.tidy`. */
export function warpCorners(flow: tf.Tensor4D, images: number): Corners {
  const [t, h, w] = flow.shape, count = t * h * w;
  const along = (size: number, shape: [number, number, number]) => tf.reshape(tf.range(0, size, 1, "float32"), shape);
  const [dx, dy] = tf.unstack(flow, 3) as [tf.Tensor3D, tf.Tensor3D];
  const x = tf.add(dx, along(w, [1, 1, w])), y = tf.add(dy, along(h, [1, h, 1]));
  const clampedX = tf.clipByValue(x, 0, w - 1), clampedY = tf.clipByValue(y, 0, h - 1);
  const left = tf.floor(clampedX), top = tf.floor(clampedY);
  const integer = (value: number) => tf.scalar(value, "int32");
  const next = (low: tf.Tensor, last: number) => tf.minimum(tf.add(low, integer(1)), integer(last));
  // NaN passes through clipByValue, and is cast to any integer.
  const within = (low: tf.Tensor, last: number) =>
    tf.maximum(tf.minimum(tf.cast(low, "int32"), integer(last)), integer(0));
  const x0 = within(left, w - 1), y0 = within(top, h - 1), x1 = next(x0, w - 1), y1 = next(y0, h - 1);
  const base = tf.reshape(
    images === 1 ? tf.zeros([t], "int32") : tf.range(0, count, h * w, "int32"),
    [t, 1, 1],
  );
  const row = (y: tf.Tensor) => tf.add(base, tf.mul(y, integer(w)));
  const index = (row: tf.Tensor, x: tf.Tensor) => tf.reshape(tf.add(row, x), [count, 1]) as tf.Tensor2D;
  const upper = row(y0), lowerRow = row(y1);
  const channel = (x: tf.Tensor) => tf.expandDims(x, 3) as tf.Tensor4D;
  return {
    indices: [index(upper, x0), index(upper, x1), index(lowerRow, x0), index(lowerRow, x1)],
    right: channel(tf.sub(clampedX, left)),
    lower: channel(tf.sub(clampedY, top)),
    insideX: channel(tf.cast(tf.equal(x, clampedX), "float32")),
    insideY: channel(tf.cast(tf.equal(y, clampedY), "float32")),
  };
}

/** Returns the pixels of `image` [N, H, W, C] at the corners, [T, H, W, C] each. */
export function readCorners(image: tf.Tensor4D, { indices }: Corners, times: number): tf.Tensor4D[] {
  const [n, h, w, c] = image.shape, pixels = tf.reshape(image, [n * h * w, c]);
  return indices.map((index) => tf.reshape(tf.gatherND(pixels, index), [times, h, w, c]) as tf.Tensor4D);
}
