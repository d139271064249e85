/** Deterministic images, for tests of detectors. */
import type { Frame, Image } from "../contracts/frame.ts";
import { rational } from "../time/rational.ts";

/** Size of the images in pixels. */
export const WIDTH = 320, HEIGHT = 180;

/** Returns a pseudorandom number in [0, 1), which depends on the arguments only. */
export function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed + 1, 2147483647);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Returns a value in [0, 1] of an endless image of blobs, whose size and position depend on the seed. */
export function scenery(x: number, y: number, seed: number): number {
  const size = 10 + 16 * seed, i = Math.floor(x / size), j = Math.floor(y / size), u = x / size - i, v = y / size - j;
  const row = (k: number) => hash(i, k, seed) * (1 - u) + hash(i + 1, k, seed) * u;
  return Math.min(1, Math.max(0, 3 * (row(j) * (1 - v) + row(j + 1) * v) - 1));
}

/** Returns a gray image, whose intensity levels a function of the pixel computes; rounded and clipped. */
export function grayImage(level: (x: number, y: number) => number): Image {
  const plane = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i++) plane[i] = Math.min(255, Math.max(0, Math.round(level(x, y))));
  }
  const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width: WIDTH, height: HEIGHT, format, color: {}, planes: [plane] };
}

/** Returns the frame of a panning shot at a horizontal offset in pixels. */
export function shot(seed: number, offset: number, gain = 255): Image {
  return grayImage((x, y) => gain * scenery(x + offset, y, seed));
}

/** Yields images as frames at 25 frames per second. */
export async function* stream(images: Iterable<Image>, facts: Frame["facts"] = {}): AsyncGenerator<Frame> {
  let pts = 0n;
  for (const image of images) yield { pts: pts++, timebase: rational(1, 25), image, facts };
}

/** Returns a list of images, created from their index. */
export function sequence(length: number, create: (i: number) => Image): Image[] {
  return Array.from({ length }, (_, i) => create(i));
}
