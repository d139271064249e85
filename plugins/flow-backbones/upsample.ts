import * as tf from "@tensorflow/tfjs-core";

/** Weights with which an output pixel and its three neighbours flow back to one input pixel, along one axis. */
const SPREAD = [1 / 4, 3 / 4, 3 / 4, 1 / 4];

/** The adjoint of {@linkcode upsampleTwice}: what each input pixel gave to `dy` [N, 2H, 2W, C], summed: [N, H, W, C]. */
function gatherBack(dy: tf.Tensor4D): tf.Tensor4D {
  const channels = dy.shape[3];
  const padded = tf.mirrorPad(dy, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric");
  const plane = tf.tensor4d(SPREAD.flatMap((a) => SPREAD.map((b) => a * b)), [4, 4, 1, 1]);
  return tf.depthwiseConv2d(padded, tf.tile(plane, [1, 1, channels, 1]), 2, "valid");
}

/**
 * `x` [N, H, W, C] at twice the size, bilinear with half-pixel centres and edges repeated:
 * out[2i] = ¼x[i−1] + ¾x[i], out[2i+1] = ¾x[i] + ¼x[i+1]. Differentiable; the caller disposes.
 *
 * The gradient is its own: tfjs's gradient of a resize knows no half-pixel centres.
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
