import type { RgbImage } from "../metrics/rgb_image.ts";
import { holdOut, type NamedFrame, type Sequence } from "./triplets.ts";

/** Returns a gray image of one intensity, 11 × 11, the minimum size of the metrics. */
export function flat(value: number, size = 11): RgbImage {
  return { width: size, height: size, pixels: new Uint8Array(3 * size * size).fill(value) };
}

/** Frames of the given intensities, named by their index. */
export async function* frames(pixels: readonly number[]): AsyncGenerator<NamedFrame> {
  for (const [i, value] of pixels.entries()) yield await Promise.resolve({ name: `${i}`, image: flat(value) });
}

/** A sequence of flat frames of which every second one is held out. */
export function sequenceOf(pixels: readonly number[], name = "flat", set = "set", step = 1): Sequence {
  return { name, set, triplets: () => holdOut(frames(pixels), step) };
}

/** Returns the intensity of a flat image. */
export const valueOf = ({ pixels }: RgbImage): number => pixels[0]!;
