/** Small operations on RGBA pixels for the images of the page. */
import type { RgbaImage } from "@slomo/slomo";
import { encode } from "fast-png";

/** RGBA pixels, row by row. */
export interface Pixels {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Four bytes per pixel. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Returns the size that fits into a box; images are not enlarged. */
export function fitInto(
  { width, height }: { readonly width: number; readonly height: number },
  most: number,
): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Resizes an image to a smaller size by the mean of its pixels. */
export function shrink(
  { width, height, data }: RgbaImage,
  to: { readonly width: number; readonly height: number },
): Pixels {
  const result = new Uint8ClampedArray(4 * to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const top = Math.floor(y * height / to.height),
      bottom = Math.max(top + 1, Math.floor((y + 1) * height / to.height));
    for (let x = 0; x < to.width; x++) {
      const left = Math.floor(x * width / to.width), right = Math.max(left + 1, Math.floor((x + 1) * width / to.width));
      const count = (bottom - top) * (right - left), at = 4 * (y * to.width + x);
      let r = 0, g = 0, b = 0, a = 0;
      for (let row = top; row < bottom; row++) {
        for (let i = 4 * (row * width + left); i < 4 * (row * width + right); i += 4) {
          r += data[i]!;
          g += data[i + 1]!;
          b += data[i + 2]!;
          a += data[i + 3]!;
        }
      }
      result[at] = r / count;
      result[at + 1] = g / count;
      result[at + 2] = b / count;
      result[at + 3] = a / count;
    }
  }
  return { ...to, data: result };
}

/** Rotates an image clockwise, as players do. */
export function rotate(image: Pixels, degrees: 0 | 90 | 180 | 270): Pixels {
  if (degrees === 0) return image;
  const { width, height, data } = image, isTurned = degrees !== 180;
  const to = isTurned ? { width: height, height: width } : { width, height };
  const from = new Uint32Array(data.buffer), result = new Uint32Array(from.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = degrees === 90
        ? [height - 1 - y, x]
        : degrees === 180
        ? [width - 1 - x, height - 1 - y]
        : [y, width - 1 - x];
      result[v * to.width + u] = from[y * width + x]!;
    }
  }
  return { ...to, data: new Uint8ClampedArray(result.buffer) };
}

/** Encodes an image as PNG. */
export function encodePng({ width, height, data }: Pixels): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ width, height, data: new Uint8Array(data.buffer), channels: 4 }));
}
