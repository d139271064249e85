import type { Image } from "@slomo/core";
import { alphaOf, imageToRgb, rgbToImage } from "@slomo/core/frames";

/** Pixels of an image as values about [0, 1], row by row. */
export interface FrameArrays {
  /** RGB [H, W, 3], premultiplied if the image has alpha. */
  readonly colors: Float32Array<ArrayBuffer>;
  /** Alpha repeated in three channels [H, W, 3], so that the networks can process it as an image. */
  readonly alpha?: Float32Array<ArrayBuffer> | undefined;
}

/** Alpha below half of a 16-bit code, which is 0 in every pixel format. */
const INVISIBLE = 0.5 / 65535;

function scaleColors(rgb: Float32Array, alpha: Float32Array, factorOf: (alpha: number) => number): void {
  for (let i = 0, o = 0; i < alpha.length; i++, o += 3) {
    const factor = factorOf(alpha[i]!);
    rgb[o]! *= factor;
    rgb[o + 1]! *= factor;
    rgb[o + 2]! *= factor;
  }
}

/** Multiplies colors [H, W, 3] by alpha [H, W], in place. */
export function premultiply(rgb: Float32Array, alpha: Float32Array): void {
  scaleColors(rgb, alpha, (a) => a);
}

/** Divides colors [H, W, 3] by alpha [H, W], in place. Transparent pixels become black. */
export function unpremultiply(rgb: Float32Array, alpha: Float32Array): void {
  scaleColors(rgb, alpha, (a) => a < INVISIBLE ? 0 : 1 / a);
}

/**
 * Converts an image to float32. Colors are premultiplied by alpha: otherwise the color of transparent pixels would bleed
 * into edges when pixels are blended or warped.
 *
 * @param out Array for the colors. @default {a new array}
 */
export function imageToArrays(image: Image, out?: Float32Array<ArrayBuffer>): FrameArrays {
  const colors = imageToRgb(image, out), alpha = alphaOf(image);
  if (alpha === undefined) return { colors };
  premultiply(colors, alpha);
  return { colors, alpha: Float32Array.from({ length: 3 * alpha.length }, (_, i) => alpha[Math.floor(i / 3)]!) };
}

/**
 * Converts float32 values to an image in the pixel format and color space of `like`. Pixels that are fully transparent
 * become black.
 */
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
