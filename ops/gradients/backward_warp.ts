import * as tf from "@tensorflow/tfjs-core";
import { readCorners, warpCorners } from "../warp_corners.ts";
import { BACKWARD_WARP, WARP_FLOW_GRADIENT, WARP_IMAGE_GRADIENT } from "../warp_kernels.ts";

/** Computes a gradient from `dy`, `image` and `flow`. */
type Gradient = (dy: tf.Tensor4D, image: tf.Tensor4D, flow: tf.Tensor4D) => tf.Tensor4D;

/** Returns the gradient that runs a kernel if the backend has it, and is composed of ops otherwise. */
const preferKernel = (kernel: string, composed: Gradient): Gradient => (dy, image, flow) =>
  tf.getKernel(kernel, tf.getBackend()) === undefined
    ? composed(dy, image, flow)
    : tf.engine().runKernel(kernel, { dy, image, flow } as unknown as tf.NamedTensorMap) as tf.Tensor4D;

/** ∂/∂image: distributes the gradient of each sample to its four pixels by their weights. */
function imageGradient(dy: tf.Tensor4D, image: tf.Tensor4D, flow: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [n, h, w, c] = image.shape, corners = warpCorners(flow, image.shape), count = corners.indices[0].shape[0];
    const { right, lower } = corners, left = tf.sub(1, right), upper = tf.sub(1, lower);
    const weights = [tf.mul(left, upper), tf.mul(right, upper), tf.mul(left, lower), tf.mul(right, lower)];
    const shares = weights.map((weight) => tf.reshape(tf.mul(dy, weight), [count, c]));
    const sums = tf.scatterND(tf.concat([...corners.indices], 0), tf.concat(shares, 0), [n * h * w, c]);
    return tf.reshape(sums, [n, h, w, c]) as tf.Tensor4D;
  });
}

/** ∂/∂flow: the slopes of the bilinear patch at each position, 0 for clamped positions. */
function flowGradient(dy: tf.Tensor4D, image: tf.Tensor4D, flow: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const corners = warpCorners(flow, image.shape);
    const [a, b, c, d] = readCorners(image, corners) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const mix = (low: tf.Tensor, high: tf.Tensor, weight: tf.Tensor) => tf.add(low, tf.mul(tf.sub(high, low), weight));
    const slopeX = mix(tf.sub(b, a), tf.sub(d, c), corners.lower);
    const slopeY = mix(tf.sub(c, a), tf.sub(d, b), corners.right);
    const along = (slope: tf.Tensor, inside: tf.Tensor) => tf.mul(tf.sum(tf.mul(dy, slope), 3, true), inside);
    return tf.concat([along(slopeX, corners.insideX), along(slopeY, corners.insideY)], 3) as tf.Tensor4D;
  });
}

const toImage = preferKernel(WARP_IMAGE_GRADIENT, imageGradient);
const toFlow = preferKernel(WARP_FLOW_GRADIENT, flowGradient);

tf.registerGradient({
  kernelName: BACKWARD_WARP,
  inputsToSave: ["image", "flow"],
  gradFunc(dy, saved) {
    const [image, flow] = saved as [tf.Tensor4D, tf.Tensor4D];
    return {
      image: () => toImage(dy as tf.Tensor4D, image, flow),
      flow: () => toFlow(dy as tf.Tensor4D, image, flow),
    };
  },
});
