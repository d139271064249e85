import type { Image } from "../../contracts/frame.ts";
import { planeSizes } from "../image.ts";

/** A pixel stands still if no component differs by more than this many levels of 8 bit: coding noise. */
const NOISE = 6;

/** A pixel stands still only with this many of its 3 × 3 neighborhood, itself counted: chance hits stand alone. */
const LEAST_NEIGHBOURS = 4;

/** Where two pictures of one size and layout show the same, pixel by pixel [H, W]: 1, elsewhere 0. */
export function sameWhere(a: Image, b: Image): Uint8Array<ArrayBuffer> {
  const { width, height, format } = a, limit = NOISE * 2 ** (format.depth - 8);
  const same = new Uint8Array(width * height).fill(1);
  planeSizes(width, height, format).forEach(([columns, rows], plane) => {
    const first = a.planes[plane]!, second = b.planes[plane]!;
    const stepX = columns === width ? 1 : format.chroma[0], stepY = rows === height ? 1 : format.chroma[1];
    for (let row = 0, k = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, k++) {
        if (Math.abs(first[k]! - second[k]!) <= limit) continue;
        const right = Math.min((column + 1) * stepX, width), bottom = Math.min((row + 1) * stepY, height);
        for (let y = row * stepY; y < bottom; y++) same.fill(0, y * width + column * stepX, y * width + right);
      }
    }
  });
  return same;
}

/** Sums of each 3 × 3 neighborhood, edges cut off. */
function sums(mask: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Uint8Array(mask.length), all = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      rows[i] = mask[i]! + (x > 0 ? mask[i - 1]! : 0) + (x < width - 1 ? mask[i + 1]! : 0);
    }
  }
  for (let i = 0; i < mask.length; i++) all[i] = rows[i]! + (rows[i - width] ?? 0) + (rows[i + width] ?? 0);
  return all;
}

/**
 * Weights [H, W] from 0 (moves) to 255 (stands still) of a mask of ones and zeros: lone pixels are left out, and the edge is
 * soft on the side that moves.
 */
export function soften(mask: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const neighbors = sums(mask, width, height);
  const solid = mask.map((one, i) => one && neighbors[i]! >= LEAST_NEIGHBOURS ? 1 : 0);
  const near = sums(solid, width, height);
  return Uint8Array.from(solid, (one, i) => one ? 255 : Math.round(255 * 0.75 * near[i]! / 9));
}
