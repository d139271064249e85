/** Matches the noise of interpolated frames to that of their source frames. */
import type { Image, Plane } from "../contracts/frame.ts";
import { newPlane, planeSizes } from "./image.ts";

/** Radii of the box filters between which the bands of noise lie, in samples, finest first. */
const RADII = [1, 2, 4];

/** Side of the blocks in which noise is measured, in samples. */
const BLOCK = 8;

/** Share of the blocks that have less noise than the estimate: the others may have texture. */
const QUANTILE = 0.25;

/** Deviation below which a block has no noise; the filters have rounding errors. */
const LEAST = 0.01;

/** Side of the patch on which the strengths of the bands are determined. */
const PATCH = 128;

/** Number of corrections of the strengths: the bands overlap, so that each changes the others. */
const CORRECTIONS = 4;

/** Returns the means of the (2·radius + 1)² neighborhoods of a plane; edges are repeated. */
function blur(values: Float32Array, [width, height]: readonly [number, number], radius: number): Float32Array {
  const across = new Float32Array(values.length), means = new Float32Array(values.length), count = 2 * radius + 1;
  for (let y = 0; y < height; y++) {
    const start = y * width, end = start + width - 1;
    let sum = values[start]! * (radius + 1);
    for (let i = 1; i <= radius; i++) sum += values[Math.min(end, start + i)]!;
    for (let i = start; i <= end; i++) {
      across[i] = sum / count;
      const next = i + radius + 1, last = i - radius;
      sum += values[next > end ? end : next]! - values[last < start ? start : last]!;
    }
  }
  // Sums of columns, one row after another, which is faster than one column after another.
  const sums = new Float64Array(width), row = (y: number) => Math.min(height - 1, Math.max(0, y)) * width;
  for (let y = -radius; y <= radius; y++) for (let x = 0, k = row(y); x < width; x++, k++) sums[x]! += across[k]!;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, next = row(y + radius + 1), last = row(y - radius); x < width; x++, i++, next++, last++) {
      means[i] = sums[x]! / count;
      sums[x]! += across[next]! - across[last]!;
    }
  }
  return means;
}

/** Splits a plane into bands from fine to coarse; the remainder is left out. */
function bandsOf(plane: ArrayLike<number>, size: readonly [number, number]): Float32Array[] {
  let last = Float32Array.from(plane);
  return RADII.map((radius) => {
    const smooth = blur(last, size, radius), band = last;
    for (let i = 0; i < band.length; i++) band[i]! -= smooth[i]!;
    last = smooth as typeof last;
    return band;
  });
}

/** Returns the covariance of two bands in each block; their means are 0. */
function covariancesOf(a: Float32Array, b: Float32Array, [width, height]: readonly [number, number]): Float64Array {
  const covariances: number[] = [];
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      let products = 0;
      for (let y = top; y < top + BLOCK; y++) {
        for (let i = y * width + left, end = i + BLOCK; i < end; i++) products += a[i]! * b[i]!;
      }
      covariances.push(products / BLOCK ** 2);
    }
  }
  return Float64Array.from(covariances);
}

/** Returns the standard deviation of a band in each block. */
function deviationsOf(band: Float32Array, size: readonly [number, number]): Float64Array {
  return covariancesOf(band, band, size).map(Math.sqrt);
}

/** Returns the standard deviation of noise by that of each block. Blocks where `noisy` has none, such as black bars, do not count. */
function noiseLevel(deviations: Float64Array, noisy: Float64Array = deviations): number {
  const counted = deviations.filter((_, i) => noisy[i]! > LEAST).sort();
  return counted[Math.floor(counted.length * QUANTILE)] ?? 0;
}

/** Noise of a band of a source frame. */
interface BandNoise {
  /** Standard deviation in each block. */
  readonly deviations: Float64Array;
  /** Standard deviation of the noise. */
  readonly level: number;
}

/** Noise of source frames by plane and band. Each frame belongs to two pairs. */
const measured = new WeakMap<Image, readonly (readonly BandNoise[])[]>();

/** Returns the standard deviations of the bands of an image in each block, by plane and band. */
function measure(image: Image): Float64Array[][] {
  return planeSizes(image.width, image.height, image.format).map((size, plane) =>
    bandsOf(image.planes[plane]!, size).map((band) => deviationsOf(band, size))
  );
}

function noiseOf(source: Image): readonly (readonly BandNoise[])[] {
  const noise = measured.get(source) ??
    measure(source).map((bands) => bands.map((deviations) => ({ deviations, level: noiseLevel(deviations) })));
  measured.set(source, noise);
  return noise;
}

/** Draws white noise, the same for the same seed; the sum of three numbers is nearly normal. */
function drawNoise(length: number, seed: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
  const noise = new Float32Array(length);
  for (let i = 0; i < length; i++) noise[i] = next() + next() + next();
  return noise;
}

/** Returns the sum of bands with their strengths. */
function mix(bands: readonly Float32Array[], strengths: readonly number[]): Float32Array {
  const [a, b, c] = bands as [Float32Array, Float32Array, Float32Array],
    [p, q, r] = strengths as [number, number, number];
  const sum = new Float32Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i]! * p + b[i]! * q + c[i]! * r;
  return sum;
}

/** White noise on a patch. */
interface NoisePatch {
  /** Standard deviation of each band. */
  readonly levels: readonly number[];
  /** Covariances of the bands with each other in each block, after they are split into bands again, by the latter. */
  readonly covariances: readonly (readonly (readonly Float64Array[])[])[];
}

let patch: NoisePatch | undefined;

function makePatch(): NoisePatch {
  const size = [PATCH, PATCH] as const, bands = bandsOf(drawNoise(PATCH * PATCH, 1), size);
  const parts = bands.map((band) => bandsOf(band, size));
  return {
    levels: bands.map((band) => noiseLevel(deviationsOf(band, size))),
    covariances: RADII.map((_, k) => parts.map((a) => parts.map((b) => covariancesOf(a[k]!, b[k]!, size)))),
  };
}

function addScaled(sum: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += factor * values[i]!;
}

/** Returns the standard deviations of the bands of a sum of bands with the given strengths, which follow from covariances. */
function levelsOf({ covariances }: NoisePatch, strengths: readonly number[]): number[] {
  return covariances.map((pairs) => {
    const variances = new Float64Array((PATCH / BLOCK) ** 2);
    pairs.forEach((row, i) => row.forEach((values, j) => addScaled(variances, values, strengths[i]! * strengths[j]!)));
    return noiseLevel(variances.map((variance) => Math.sqrt(Math.max(0, variance))));
  });
}

/** Returns the strengths of the bands of white noise with which their sum has the wanted standard deviations in its bands. */
function strengthsFor(wanted: readonly number[]): number[] {
  patch ??= makePatch();
  let strengths = wanted.map((deviation, i) => deviation / patch!.levels[i]!);
  for (let n = 0; n < CORRECTIONS; n++) {
    const found = levelsOf(patch, strengths);
    strengths = strengths.map((strength, i) => found[i]! > 0 ? strength * wanted[i]! / found[i]! : strength);
  }
  return strengths;
}

/** Adds noise with the given standard deviations of its bands to a plane. */
function addNoise(
  plane: Plane,
  size: readonly [number, number],
  missing: readonly number[],
  { depth, seed }: { readonly depth: number; readonly seed: number },
): Plane {
  const noise = mix(bandsOf(drawNoise(plane.length, seed), size), strengthsFor(missing));
  const out = newPlane(depth, plane.length), most = 2 ** depth - 1;
  for (let i = 0; i < plane.length; i++) out[i] = Math.min(most, Math.max(0, Math.floor(plane[i]! + noise[i]! + 0.5)));
  return out;
}

/**
 * Adds the noise that an interpolated frame lacks, since networks average the noise of two source frames away: in each plane
 * and band, the difference of the variances. Alpha gets none.
 *
 * @param interpolated Interpolated frame.
 * @param first Source frame before it.
 * @param second Source frame after it.
 * @param seed Number of the noise: frames with different ones have independent noise.
 */
export function matchGrain(interpolated: Image, first: Image, second: Image, seed: number): Image {
  const { width, height, format } = interpolated, sizes = planeSizes(width, height, format);
  const [before, after, own] = [noiseOf(first), noiseOf(second), measure(interpolated)];
  const planes = interpolated.planes.map((plane, index) => {
    if (format.alpha && index === sizes.length - 1) return plane;
    const missing = own[index]!.map((deviations, band) => {
      const [noisy, other] = [before[index]![band]!, after[index]![band]!];
      const [a, b, c] = [noisy.level, other.level, noiseLevel(deviations, noisy.deviations)];
      return Math.sqrt(Math.max(0, (a * a + b * b) / 2 - c * c));
    });
    if (missing.every((deviation) => deviation < 1e-3)) return plane;
    return addNoise(plane, sizes[index]!, missing, { depth: format.depth, seed: seed * sizes.length + index });
  });
  return { ...interpolated, planes };
}
