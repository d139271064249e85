import * as tf from "@tensorflow/tfjs-core";

/** Returns the pixels of an image between two neighbors of a flow that is 1/s of its size: s. */
export function warpStride(image: readonly number[], flow: readonly number[]): number {
  return image[1]! / flow[1]!;
}

/** The four pixels around each position of a backward warp, and the weights of the right and lower ones. */
export interface Corners {
  /** Indices [count, 1] into the image's pixels: upper left, upper right, lower left, lower right. */
  readonly indices: readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  /** Weight of the right pixels [T, H / s, W / s, 1]. */
  readonly right: tf.Tensor4D;
  /** Weight of the lower pixels [T, H / s, W / s, 1]. */
  readonly lower: tf.Tensor4D;
  /** 1 for positions within the width of the image, 0 for clamped ones [T, H / s, W / s, 1]. */
  readonly insideX: tf.Tensor4D;
  /** 1 for positions within the height of the image, 0 for clamped ones [T, H / s, W / s, 1]. */
  readonly insideY: tf.Tensor4D;
}

/** Returns the corners for `flow` [T, H / s, W / s, 2] in images of `shape` [N, H, W, C]. Call it within `tf.tidy`. */
export function warpCorners(flow: tf.Tensor4D, shape: readonly [number, number, number, number]): Corners {
  const [t, rows, columns] = flow.shape, [images, h, w] = shape, count = t * rows * columns;
  const stride = warpStride(shape, flow.shape), center = (stride - 1) / 2;
  const along = (size: number, shape: [number, number, number]) =>
    tf.reshape(tf.add(tf.mul(tf.range(0, size, 1, "float32"), stride), center), shape);
  const [dx, dy] = tf.unstack(flow, 3) as [tf.Tensor3D, tf.Tensor3D];
  const x = tf.add(dx, along(columns, [1, 1, columns])), y = tf.add(dy, along(rows, [1, rows, 1]));
  const clampedX = tf.clipByValue(x, 0, w - 1), clampedY = tf.clipByValue(y, 0, h - 1);
  const left = tf.floor(clampedX), top = tf.floor(clampedY);
  const integer = (value: number) => tf.scalar(value, "int32");
  const next = (low: tf.Tensor, last: number) => tf.minimum(tf.add(low, integer(1)), integer(last));
  // NaN passes through clipByValue, and is cast to any integer.
  const within = (low: tf.Tensor, last: number) =>
    tf.maximum(tf.minimum(tf.cast(low, "int32"), integer(last)), integer(0));
  const x0 = within(left, w - 1), y0 = within(top, h - 1), x1 = next(x0, w - 1), y1 = next(y0, h - 1);
  const base = tf.reshape(
    images === 1 ? tf.zeros([t], "int32") : tf.range(0, t * h * w, h * w, "int32"),
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

/** Returns the pixels of `image` [N, H, W, C] at the corners, [T, H / s, W / s, C] each. */
export function readCorners(image: tf.Tensor4D, { indices, right }: Corners): tf.Tensor4D[] {
  const [n, h, w, c] = image.shape, pixels = tf.reshape(image, [n * h * w, c]), [t, rows, columns] = right.shape;
  return indices.map((index) => tf.reshape(tf.gatherND(pixels, index), [t, rows, columns, c]) as tf.Tensor4D);
}
