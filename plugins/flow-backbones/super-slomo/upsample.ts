import defer * as tf from "@tensorflow/tfjs-core";

/** Weights of the gradient's pixels for one input pixel, along one axis. */
const SPREAD = [1 / 4, 3 / 4, 3 / 4, 1 / 4];

/** Repeats the first and last entries of `x` along `axis`. It copies whole rows, which is faster than a mirror pad. */
function repeatEnds(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const at = (place: number) => {
    const begin = [0, 0, 0, 0], size = [...x.shape];
    begin[axis] = place;
    size[axis] = 1;
    return tf.slice(x, begin, size);
  };
  return tf.concat([at(0), x, at(x.shape[axis] - 1)], axis);
}

/** Computes the adjoint of {@linkcode upsampleTwice}: from `dy` [N, 2H, 2W, C] to [N, H, W, C]. */
function gatherBack(dy: tf.Tensor4D): tf.Tensor4D {
  const channels = dy.shape[3];
  const padded = repeatEnds(repeatEnds(dy, 1), 2);
  const plane = tf.tensor4d(SPREAD.flatMap((a) => SPREAD.map((b) => a * b)), [4, 4, 1, 1]);
  return tf.depthwiseConv2d(padded, tf.tile(plane, [1, 1, channels, 1]), 2, "valid");
}

/**
 * Returns `x` [N, H, W, C] at twice the size, bilinear with half-pixel centers and edges repeated:
 * out[2i] = ¼x[i−1] + ¾x[i], out[2i+1] = ¾x[i] + ¼x[i+1]. Differentiable; the caller disposes.
 *
 * It has its own gradient, because tfjs's gradient of a resize does not support half-pixel centers.
 */
export function upsampleTwice(x: tf.Tensor4D): tf.Tensor4D {
  const resize = tf.customGrad((input) => {
    const image = input as tf.Tensor4D, [, height, width] = image.shape;
    return {
      value: tf.image.resizeBilinear(image, [2 * height, 2 * width], false, true),
      gradFunc: (dy: tf.Tensor) => tf.tidy(() => gatherBack(dy as tf.Tensor4D)),
    };
  });
  return resize(x) as tf.Tensor4D;
}
