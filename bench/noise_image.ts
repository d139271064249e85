import type { Image } from "@slomo/core";

/** Returns an 8-bit RGB image of noise, which depends only on the size and the seed. */
export function noiseImage(width: number, height: number, seed: number): Image {
  let state = seed;
  const next = () => (state = Math.imul(state, 1664525) + 1013904223 >>> 0) >>> 24;
  const planes = [0, 1, 2].map(() => Uint8Array.from({ length: width * height }, next));
  return { width, height, format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: false }, color: {}, planes };
}
