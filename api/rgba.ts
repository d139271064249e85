import type { Image, PixelFormat } from "@slomo/core";
import { alphaOf, imageToRgb } from "@slomo/core/frames";

/** Pixels in the layout of canvases, such as `ImageData`: RGBA, row by row, with straight alpha. */
export interface RgbaImage {
  /** Width in pixels, 1 or more. */
  readonly width: number;
  /** Height in pixels, 1 or more. */
  readonly height: number;
  /** `4 · width · height` values, 0 to 255; in a `Float16Array` 0 to 1. */
  readonly data: Uint8ClampedArray | Uint8Array | Float16Array;
}

const RGB: PixelFormat = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false };

/**
 * Converts RGBA pixels into planes of 8 bits. Alpha is omitted if all pixels are opaque.
 *
 * @param rgba Pixels.
 * @returns Full-range RGB planes, with an alpha plane if any pixel is not opaque.
 * @throws {RangeError} If `data` does not have four values per pixel.
 *
 * @example
 * ```ts
 * import { imageFromRgba } from "@slomo/slomo";
 * import assert from "node:assert/strict";
 *
 * const image = imageFromRgba({ width: 1, height: 1, data: new Uint8ClampedArray([10, 20, 30, 255]) });
 * assert.deepEqual(image.planes.map(([value]) => value), [10, 20, 30]);
 * ```
 */
export function imageFromRgba({ width, height, data }: RgbaImage): Image {
  const size = width * height;
  if (data.length !== 4 * size) {
    throw new RangeError(`imageFromRgba: data must hold ${4 * size} values for ${width}×${height}, got ${data.length}`);
  }
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray
    ? data
    : Uint8ClampedArray.from(data, (value) => 255 * value);
  const planes = [0, 1, 2, 3].map((channel) => Uint8Array.from({ length: size }, (_, i) => bytes[4 * i + channel]!));
  const alpha = planes[3]!.some((value) => value !== 255);
  return { width, height, format: { ...RGB, alpha }, color: {}, planes: alpha ? planes : planes.slice(0, 3) };
}

/**
 * Converts an image of any pixel format into RGBA pixels, rounded to 8 bits and clipped. Images without alpha become
 * opaque.
 *
 * @throws {UsageError} If the color matrix of the image is not supported.
 *
 * @example
 * ```ts
 * import { imageFromRgba, imageToRgba } from "@slomo/slomo";
 * import assert from "node:assert/strict";
 *
 * const pixels = new ImageData(new Uint8ClampedArray([10, 20, 30, 128]), 1, 1);
 * assert.deepEqual(imageToRgba(imageFromRgba(pixels)).data, pixels.data);
 * ```
 */
export function imageToRgba(image: Image): ImageData {
  const { width, height } = image, rgb = imageToRgb(image), alpha = alphaOf(image);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = Math.round(255 * rgb[3 * i + channel]!);
    data[4 * i + 3] = alpha ? Math.round(255 * alpha[i]!) : 255;
  }
  return new ImageData(data, width, height);
}
