import * as tf from "@tensorflow/tfjs-core";
import type { Image } from "@slomo/core";
import { arraysToImage, imageToArrays } from "./frame_arrays.ts";
import { type PixelFacts, toNetworkRange, toPlainRange } from "./pixel_range.ts";

/** Colors [1, H, W, 3] and, where the format has it, alpha [1, H, W, 3] three times alike; the caller disposes. */
export interface FrameTensors {
  /** Premultiplied where there is alpha, in the network's range. */
  readonly colors: tf.Tensor4D;
  /** In the network's range too, so that the networks can fill it as they fill a picture. */
  readonly alpha?: tf.Tensor4D | undefined;
}

/** A picture as the networks see it. */
export function imageToTensors(image: Image, pixels: PixelFacts): FrameTensors {
  const { colors, alpha } = imageToArrays(image), { width, height } = image;
  const toTensor = (values: Float32Array) =>
    tf.tidy(() => toNetworkRange(tf.tensor4d(values, [1, height, width, 3]), pixels));
  return { colors: toTensor(colors), alpha: alpha && toTensor(alpha) };
}

/** What a network gave, as RGB about [0, 1] row by row. */
async function toRgb(frame: tf.Tensor4D, pixels: PixelFacts): Promise<Float32Array<ArrayBuffer>> {
  const plain = tf.tidy(() => tf.clone(toPlainRange(frame, pixels)));
  const rgb = await plain.data();
  plain.dispose();
  return rgb as Float32Array<ArrayBuffer>;
}

/**
 * The picture in the format and color of `like`; frees nothing.
 *
 * @param check Told of the colors before they are made a picture; what it throws goes on.
 */
export async function tensorsToImage(
  tensors: FrameTensors,
  like: Image,
  pixels: PixelFacts,
  check: (colors: Float32Array) => Promise<void>,
): Promise<Image> {
  const colors = await toRgb(tensors.colors, pixels);
  await check(colors);
  return arraysToImage({ colors, alpha: tensors.alpha && await toRgb(tensors.alpha, pixels) }, like);
}
