import type { Image } from "@slomo/core";
import { imageToRgb } from "@slomo/core/frames";

/** A image as it is measured and shown: 8-bit RGB, [H, W, 3] row by row. */
export interface RgbImage {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `3 · width · height` intensities. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** An image of any format as 8-bit RGB, each value rounded to the nearest integer and clipped. Alpha is left out. */
export function toRgbImage(image: Image): RgbImage {
  const rgb = imageToRgb(image), pixels = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i++) {
    const value = rgb[i]! * 255 + 0.5;
    pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
  return { width: image.width, height: image.height, pixels };
}

/** The image as an image of three planes, full range, as codecs and engines take it. */
export function fromRgbImage({ width, height, pixels }: RgbImage): Image {
  const planes = [0, 1, 2].map((channel) => {
    const plane = new Uint8Array(width * height);
    for (let i = 0, from = channel; i < plane.length; i++, from += 3) plane[i] = pixels[from]!;
    return plane;
  });
  const format = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width, height, format, color: { range: "full" }, planes };
}
