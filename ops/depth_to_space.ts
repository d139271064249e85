import * as tf from "@tensorflow/tfjs-core";

/** Inverse of {@linkcode depthToSpace}: blocks of pixels become channels, the position before the channel. */
function spaceToDepth(x: tf.Tensor4D, blockSize: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape, rows = height / blockSize, columns = width / blockSize;
  const blocks = tf.reshape(x, [n * rows, blockSize, columns, blockSize * channels]);
  return tf.reshape(tf.transpose(blocks, [0, 2, 1, 3]), [n, rows, columns, blockSize ** 2 * channels]);
}

/**
 * Rearranges channels to pixels: channel `(dy · blockSize + dx) · C + c` becomes channel `c` of the pixel (dx, dy) in a block.
 * Differentiable on every backend; tfjs has no gradient of this op.
 *
 * @param x [N, H, W, C · blockSize²].
 * @param blockSize Side of a block in pixels, an integer above 0.
 * @returns [N, H · blockSize, W · blockSize, C]; the caller disposes.
 * @throws {RangeError} If the channels do not divide into blocks.
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { depthToSpace } from "@slomo/ops";
 *
 * depthToSpace(tf.tensor4d([1, 2, 3, 4], [1, 1, 1, 4]), 2).print(); // [[1, 2], [3, 4]]
 * ```
 */
export function depthToSpace(x: tf.Tensor4D, blockSize: number): tf.Tensor4D {
  const channels = x.shape[3];
  if (!Number.isInteger(blockSize) || blockSize < 1 || channels % blockSize ** 2 !== 0) {
    throw new RangeError(`depthToSpace: ${channels} channels do not divide into blocks of ${blockSize}×${blockSize}`);
  }
  const rearrange = tf.customGrad((input) => ({
    value: blockSize === 1 ? tf.clone(input as tf.Tensor4D) : tf.depthToSpace(input as tf.Tensor4D, blockSize),
    gradFunc: (dy: tf.Tensor) => tf.tidy(() => spaceToDepth(dy as tf.Tensor4D, blockSize)),
  }));
  return rearrange(x) as tf.Tensor4D;
}
