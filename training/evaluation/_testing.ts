import type { Picture } from "../metrics/picture.ts";
import { holdOut, type NamedPicture, type Sequence } from "./triplets.ts";

/** A gray picture of one level, 11 × 11, the least that can be measured. */
export function flat(level: number, size = 11): Picture {
  return { width: size, height: size, levels: new Uint8Array(3 * size * size).fill(level) };
}

/** Frames of the given levels, named by their index. */
export async function* frames(levels: readonly number[]): AsyncGenerator<NamedPicture> {
  for (const [i, level] of levels.entries()) yield await Promise.resolve({ name: `${i}`, picture: flat(level) });
}

/** A sequence of flat frames of which every second one is held out. */
export function sequenceOf(levels: readonly number[], name = "flat", set = "set", step = 1): Sequence {
  return { name, set, triplets: () => holdOut(frames(levels), step) };
}

/** The level of a flat picture. */
export const levelOf = ({ levels }: Picture): number => levels[0]!;
