import * as tf from "@tensorflow/tfjs-core";
import type { FlowEstimator } from "@slomo/core";
import type { FlowPair, Parameters } from "@slomo/core";
import { cropTo, padToMultiple } from "@slomo/ops";

/** Flow [N, h, w, 2] brought to another size, its values too: a pixel is another distance there. */
export function resizeFlow(flow: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [, h, w] = flow.shape;
    const resized = tf.image.resizeBilinear(flow, [height, width], false, true);
    return tf.mul(resized, tf.tensor1d([width / w, height / h])) as tf.Tensor4D;
  });
}

/**
 * Flow at the frames' size, estimated at `scale` of it: half size sees motion twice as large and takes a quarter of the time.
 *
 * @param scale Above 0, at most 1.
 * @returns Flow in pixels of the frames; the caller disposes.
 */
export function estimateFlow(
  estimator: FlowEstimator,
  parameters: Parameters,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  scale: number,
): FlowPair {
  const [, height, width] = first.shape;
  const h = Math.max(1, Math.round(height * scale)), w = Math.max(1, Math.round(width * scale));
  const isWhole = h === height && w === width;
  const kept = tf.tidy(() => {
    const seen = (frame: tf.Tensor4D) =>
      padToMultiple(isWhole ? frame : tf.image.resizeBilinear(frame, [h, w], false, true), estimator.multiple);
    const found = estimator.estimate(parameters, seen(first), seen(second));
    const back = (flow: tf.Tensor4D) => {
      const cropped = cropTo(flow, h, w);
      return isWhole ? cropped : resizeFlow(cropped, height, width);
    };
    return found.backward
      ? { forward: back(found.forward), backward: back(found.backward) }
      : { forward: back(found.forward) };
  });
  return kept;
}
