import { type Raster, resample } from "../resample.ts";

/** Cells per row and column of a frame in a fingerprint. */
const CELLS = 12;
/** Clips whose fingerprints have a smaller mean difference, in intensity levels, differ only in their coding. */
const SAME = 2;

/** Computes a fingerprint to compare clips by: the brightness of some frames, scaled down. */
export function fingerprintOf(images: readonly Raster[]): Uint8Array<ArrayBuffer> {
  const cells = images.flatMap((image) => {
    const { values } = resample(image, CELLS, CELLS);
    return Array.from(
      { length: CELLS * CELLS },
      (_, i) => (values[3 * i]! + values[3 * i + 1]! + values[3 * i + 2]!) / 3,
    );
  });
  return Uint8Array.from(cells, Math.round);
}

/** Returns whether two fingerprints are nearly equal. */
function areAlike(a: Uint8Array, b: Uint8Array): boolean {
  const limit = SAME * a.length;
  let sum = 0;
  for (let i = 0; i < a.length && sum < limit; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum < limit;
}

/**
 * Creates a filter that finds clips nearly equal to an earlier one.
 *
 * @returns A function that takes a clip's name and fingerprint, and returns the name of the earlier clip, if any.
 */
export function createDuplicateFilter(): (name: string, fingerprint: Uint8Array) => string | undefined {
  // By rounded mean: the means of similar fingerprints differ by less than SAME.
  const byMean = new Map<number, { readonly name: string; readonly fingerprint: Uint8Array }[]>();
  return (name, fingerprint) => {
    const mean = Math.round(fingerprint.reduce((sum, cell) => sum + cell, 0) / fingerprint.length);
    for (let near = mean - SAME; near <= mean + SAME; near++) {
      const twin = byMean.get(near)?.find((other) => areAlike(other.fingerprint, fingerprint));
      if (twin) return twin.name;
    }
    byMean.set(mean, [...byMean.get(mean) ?? [], { name, fingerprint }]);
    return undefined;
  };
}
