import * as tf from "@tensorflow/tfjs-core";
import type { Image } from "../contracts/frame.ts";
import type { WeightsFacts } from "../contracts/weights.ts";
import { alphaOf, imageToRgb, rgbToImage } from "../frames/colour.ts";
import { premultiply, unpremultiply } from "../frames/alpha.ts";

/** Pixels as a weights file wants them: its range and mean, of which [0, 1] and 0 are the usual. */
export type PixelFacts = Pick<WeightsFacts, "pixelRange" | "mean">;

/** RGB in [0, 1] as any network of ours takes it that says nothing else. */
export const PLAIN_PIXELS: PixelFacts = { pixelRange: [0, 1], mean: [0, 0, 0] };

function isPlain({ pixelRange: [low, high], mean }: PixelFacts): boolean {
  return low === 0 && high === 1 && mean.every((value) => value === 0);
}

/** Colours [1, H, W, 3] and, where the format has it, alpha [1, H, W, 3] three times alike; the caller disposes. */
export interface FrameTensors {
  /** Premultiplied where there is alpha, in the network's range. */
  readonly colours: tf.Tensor4D;
  /** In the network's range too, so that the networks can fill it as they fill a picture. */
  readonly alpha?: tf.Tensor4D | undefined;
}

function toTensor(rgb: Float32Array, { width, height }: Image, pixels: PixelFacts): tf.Tensor4D {
  return tf.tidy(() => {
    const plain = tf.tensor4d(rgb, [1, height, width, 3]);
    if (isPlain(pixels)) return plain;
    const [low, high] = pixels.pixelRange;
    return tf.sub(tf.add(tf.mul(plain, high - low), low), tf.tensor1d([...pixels.mean])) as tf.Tensor4D;
  });
}

/** A picture as the networks see it. */
export function imageToTensors(image: Image, pixels: PixelFacts): FrameTensors {
  const rgb = imageToRgb(image), alpha = alphaOf(image);
  if (alpha === undefined) return { colours: toTensor(rgb, image, pixels) };
  premultiply(rgb, alpha);
  const threefold = Float32Array.from({ length: 3 * alpha.length }, (_, i) => alpha[Math.floor(i / 3)]!);
  return { colours: toTensor(rgb, image, pixels), alpha: toTensor(threefold, image, pixels) };
}

/** What a network gave, as RGB about [0, 1] row by row. */
async function toRgb(frame: tf.Tensor4D, pixels: PixelFacts): Promise<Float32Array> {
  if (isPlain(pixels)) return await frame.data() as Float32Array;
  const [low, high] = pixels.pixelRange;
  const plain = tf.tidy(() => tf.div(tf.sub(tf.add(frame, tf.tensor1d([...pixels.mean])), low), high - low));
  const rgb = await plain.data() as Float32Array;
  plain.dispose();
  return rgb;
}

/** The picture in the format and colour of `like`; frees nothing. */
export async function tensorsToImage(tensors: FrameTensors, like: Image, pixels: PixelFacts): Promise<Image> {
  const rgb = await toRgb(tensors.colours, pixels);
  if (tensors.alpha === undefined) return rgbToImage(rgb, like);
  const threefold = await toRgb(tensors.alpha, pixels);
  const alpha = Float32Array.from({ length: threefold.length / 3 }, (_, i) => {
    const mean = (threefold[3 * i]! + threefold[3 * i + 1]! + threefold[3 * i + 2]!) / 3;
    return Math.min(1, Math.max(0, mean));
  });
  const straight = rgb.slice();
  unpremultiply(straight, alpha);
  return rgbToImage(straight, like, alpha);
}
