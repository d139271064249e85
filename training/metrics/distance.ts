/** Values of images, on one scale. */
export type Values = Uint8Array | Float32Array | Float64Array;

/**
 * Mean squared difference.
 *
 * @throws {RangeError} If the two are of different lengths or empty.
 */
export function meanSquaredError(a: Values, b: Values): number {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`metrics: both images must hold as many values, got ${a.length} and ${b.length}`);
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum / a.length;
}

/**
 * Peak signal-to-noise ratio in dB, 10·log10(peak² / mean squared error) over all pixels and channels at once; infinite for
 * equal images.
 *
 * @param peak Value of white: 255 for 8-bit pixels, 1 for [0, 1].
 * @throws {RangeError} If the two are of different lengths or empty.
 */
export function psnr(a: Values, b: Values, peak = 255): number {
  return 10 * Math.log10(peak * peak / meanSquaredError(a, b));
}

/**
 * Interpolation error of Middlebury's first evaluation: root of the mean squared difference over all pixels and channels, on
 * the scale 0 to 255. Tables of some newer papers take the mean absolute difference instead.
 *
 * @param peak Value of white: 255 for 8-bit pixels, 1 for [0, 1].
 * @throws {RangeError} If the two are of different lengths or empty.
 */
export function interpolationError(a: Values, b: Values, peak = 255): number {
  return 255 / peak * Math.sqrt(meanSquaredError(a, b));
}
