import type { Image } from "@slomo/core";
import { alphaOf, imageToRgb, rgbToImage } from "@slomo/core/frames";
import { premultiply, unpremultiply } from "./alpha.ts";

/** A picture as numbers about [0, 1], row by row. */
export interface FrameArrays {
  /** RGB [H, W, 3], premultiplied where there is alpha. */
  readonly colors: Float32Array<ArrayBuffer>;
  /** Alpha three times alike [H, W, 3], so that the networks can fill it as they fill a picture. */
  readonly alpha?: Float32Array<ArrayBuffer> | undefined;
}

/** The numbers of a picture; its colors are written into `out` where given. */
export function imageToArrays(image: Image, out?: Float32Array<ArrayBuffer>): FrameArrays {
  const colors = imageToRgb(image, out), alpha = alphaOf(image);
  if (alpha === undefined) return { colors };
  premultiply(colors, alpha);
  return { colors, alpha: Float32Array.from({ length: 3 * alpha.length }, (_, i) => alpha[Math.floor(i / 3)]!) };
}

/** The picture in the format and color of `like`. */
export function arraysToImage({ colors, alpha: threefold }: FrameArrays, like: Image): Image {
  if (threefold === undefined) return rgbToImage(colors, like);
  const alpha = Float32Array.from({ length: threefold.length / 3 }, (_, i) => {
    const mean = (threefold[3 * i]! + threefold[3 * i + 1]! + threefold[3 * i + 2]!) / 3;
    return Math.min(1, Math.max(0, mean));
  });
  const straight = colors.slice();
  unpremultiply(straight, alpha);
  return rgbToImage(straight, like, alpha);
}
