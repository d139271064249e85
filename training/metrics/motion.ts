import { resizeImage } from "../evaluation/resize.ts";
import { lumaOf } from "./measure.ts";
import type { RgbImage } from "./rgb_image.ts";

/** Longest side of the images that are compared, in pixels. */
const SIDE = 160;

/** Side of a block in pixels of those images. */
const BLOCK = 8;

/** Largest displacement along an axis, in pixels of those images. */
const REACH = 20;

/** Penalty of a displacement in intensity levels per block and pixel, so that noise does not move. */
const PENALTY = 16;

/** Least mean deviation of a block in intensity levels; smoother blocks match anywhere. */
const TEXTURE = 2;

/** Share of the blocks that move less than the result. */
const SHARE = 0.9;

/** A luma image. */
interface Luma {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

function smallLuma(image: RgbImage, scale: number): Luma {
  const width = Math.max(BLOCK, Math.round(image.width / scale)),
    height = Math.max(BLOCK, Math.round(image.height / scale));
  return { width, height, values: lumaOf(resizeImage(image, width, height).pixels) };
}

/** Returns the mean deviation of a block from its mean. */
function deviation({ width, values }: Luma, x: number, y: number): number {
  let sum = 0, deviations = 0;
  for (let i = 0; i < BLOCK ** 2; i++) sum += values[(y + Math.floor(i / BLOCK)) * width + x + i % BLOCK]!;
  const mean = sum / BLOCK ** 2;
  for (let i = 0; i < BLOCK ** 2; i++) {
    deviations += Math.abs(values[(y + Math.floor(i / BLOCK)) * width + x + i % BLOCK]! - mean);
  }
  return deviations / BLOCK ** 2;
}

/** Returns the sum of absolute differences between two blocks; stops above `limit`. */
function blockDistance(first: Luma, second: Luma, from: number, to: number, limit: number): number {
  let sum = 0;
  for (let row = 0; row < BLOCK && sum < limit; row++) {
    for (let column = 0; column < BLOCK; column++) {
      sum += Math.abs(first.values[from + column]! - second.values[to + column]!);
    }
    from += first.width;
    to += second.width;
  }
  return sum;
}

/** Returns the length of the displacement at which a block of the first image matches the second best. */
function displacement(first: Luma, second: Luma, x: number, y: number): number {
  const { width, height } = first, from = y * width + x;
  let best = blockDistance(first, second, from, from, Infinity), length = 0;
  for (let dy = -Math.min(REACH, y); dy <= Math.min(REACH, height - BLOCK - y); dy++) {
    for (let dx = -Math.min(REACH, x); dx <= Math.min(REACH, width - BLOCK - x); dx++) {
      const moved = Math.hypot(dx, dy), price = PENALTY * moved;
      if (price >= best) continue;
      const cost = price + blockDistance(first, second, from, from + dy * width + dx, best - price);
      if (cost < best) [best, length] = [cost, moved];
    }
  }
  return length;
}

/**
 * Measures motion between two frames by matching blocks of 8×8 pixels at a longest side of 160: the displacement that 90 %
 * of the textured blocks do not exceed, apart from those at the edges, which may leave the image. It needs no network, so that it favors none.
 *
 * @param first First frame.
 * @param second Second frame, of the same size.
 * @returns Pixels of the frames, 0 or more; up to about a sixth of the longest side is found.
 *
 * @example
 * ```ts
 * import { motionBetween } from "@slomo/training/metrics";
 * import assert from "node:assert/strict";
 *
 * const gray = { width: 16, height: 16, pixels: new Uint8Array(3 * 16 * 16).fill(99) };
 * assert.equal(motionBetween(gray, gray), 0);
 * ```
 */
export function motionBetween(first: RgbImage, second: RgbImage): number {
  const scale = Math.max(1, Math.max(first.width, first.height) / SIDE);
  const [a, b] = [smallLuma(first, scale), smallLuma(second, scale)], lengths: number[] = [];
  const edge = Math.min(a.width, a.height) >= 4 * BLOCK ? BLOCK : 0;
  for (let y = edge; y + BLOCK + edge <= a.height; y += BLOCK) {
    for (let x = edge; x + BLOCK + edge <= a.width; x += BLOCK) {
      if (deviation(a, x, y) >= TEXTURE) lengths.push(displacement(a, b, x, y));
    }
  }
  lengths.sort((a, b) => a - b);
  return scale * (lengths[Math.floor(SHARE * (lengths.length - 1))] ?? 0);
}

/** Classes of motion between the source frames, with the least motion in pixels. */
export const MOTION_CLASSES: readonly (readonly [name: string, from: number])[] = [
  ["small", 0],
  ["medium", 8],
  ["large", 24],
];

/** Returns the items of each class of motion that has any, least motion first. */
export function groupByMotion<T>(
  items: readonly T[],
  motionOf: (item: T) => number,
): (readonly [name: string, items: readonly T[]])[] {
  const groups = Map.groupBy(
    items,
    (item) => MOTION_CLASSES.findLast(([, from]) => motionOf(item) >= from)![0],
  );
  return MOTION_CLASSES.flatMap(([name]) => groups.has(name) ? [[name, groups.get(name)!] as const] : []);
}
