import type { Image } from "../../contracts/frame.ts";

/** Luma of an image, row by row. */
export interface Luma {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Intensity levels from 0 to 255; those of deeper images have fractions. */
  readonly values: Float32Array;
}

/** Samples of a plane, row by row. */
export interface Samples {
  /** Number of columns. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** The samples. */
  readonly values: ArrayLike<number>;
}

/** A displacement in pixels, or a vector from a pixel to another. */
export type Vector = readonly [x: number, y: number];

/** Returns the luma of an image; that of RGB is (R + 2·G + B) / 4. */
export function lumaOf({ width, height, format: { model, depth }, planes }: Image): Luma {
  const scale = 2 ** (8 - depth), [a, b, c] = planes as [Uint8Array, Uint8Array, Uint8Array];
  const values = new Float32Array(width * height);
  if (model === "rgb") { for (let i = 0; i < values.length; i++) values[i] = (a[i]! + 2 * b[i]! + c[i]!) * scale / 4; }
  else for (let i = 0; i < values.length; i++) values[i] = a[i]! * scale;
  return { width, height, values };
}

/** Returns the value at a position between samples; edges are repeated. */
export function sampleAt({ width, height, values }: Samples, x: number, y: number): number {
  const left = Math.min(width - 1, Math.max(0, Math.floor(x))), top = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const right = Math.min(width - 1, left + 1), bottom = Math.min(height - 1, top + 1);
  const partX = Math.min(1, Math.max(0, x - left)), partY = Math.min(1, Math.max(0, y - top));
  const above = values[top * width + left]! * (1 - partX) + values[top * width + right]! * partX;
  const below = values[bottom * width + left]! * (1 - partX) + values[bottom * width + right]! * partX;
  return above * (1 - partY) + below * partY;
}
