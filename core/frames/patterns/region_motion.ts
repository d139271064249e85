/** The displacement of a repeating texture between two frames, and the other displacements that explain it as well. */
import { type PeriodicBlocks, SIDE } from "./periodic_blocks.ts";
import { type Luma, sampleAt, type Vector } from "./luma.ts";

/** Longest displacement that is searched, in pixels along an axis. */
const REACH = 8;

/** Longest displacement that counts as another explanation: as a multiple of the shortest one, and in pixels. */
const FAR = [1.9, 4.5] as const;

/** Number of pixels on which a displacement is rated. */
const SAMPLES = 600;

/** Largest difference of a displaced texture, as a share of its mean deviation. */
const MATCH = 0.35;

/** Ratings that differ by less are the same: objects before a texture disturb them. */
const EQUAL = 0.02;

/** Displacements whose difference is at most this much above the smallest explain the texture as well. */
const AS_WELL = 0.2;

/** Steps of the search between pixels. */
const FRACTIONS = [0.5, 0.25, 0.125];

/** Number of displacements between whole pixels that are searched. */
const STARTS = 6;

/** Largest number of other explanations. */
const MOST_ALIASES = 8;

/** Number of pixels on which other explanations are rated. */
const FEW = 200;

/** Motion of a repeating texture between two frames. */
export interface RegionMotion {
  /** Displacement from the first frame to the second, in pixels: the shortest that explains the texture. */
  readonly shift: Vector;
  /** Other displacements that explain it, in pixels. */
  readonly aliases: readonly Vector[];
  /** Mean deviation of the texture, in intensity levels. */
  readonly deviation: number;
  /** Pixels on which the displacement was rated. */
  readonly samples: readonly Vector[];
}

/** Returns pixels all over blocks, the same for the same blocks. */
function samplesOf({ width, height }: Luma, { columns }: PeriodicBlocks, blocks: readonly number[]): Vector[] {
  const samples: Vector[] = [], count = Math.min(SAMPLES, blocks.length * SIDE * SIDE);
  // Drawn at random, since even distances may agree with a period.
  let state = 1;
  for (let n = 0; n < count; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const block = blocks[Math.floor(n * blocks.length / count)]!, at = state >>> 24;
    const x = block % columns * SIDE + at % SIDE, y = Math.floor(block / columns) * SIDE + Math.floor(at / SIDE);
    if (x < width && y < height) samples.push([x, y]);
  }
  return samples;
}

const lengthOf = ([x, y]: Vector) => Math.hypot(x, y);
const between = ([x, y]: Vector, [otherX, otherY]: Vector, part: number): Vector => [
  x + (otherX - x) * part,
  y + (otherY - y) * part,
];

/** Rates displacements of a texture: 0 is a perfect match, 1 that of another phase. */
class Rating {
  readonly #scores = new Map<number, number>();
  readonly #xs: Int32Array;
  readonly #ys: Int32Array;
  readonly #own: Float32Array;

  constructor(
    readonly first: Luma,
    readonly second: Luma,
    samples: readonly Vector[],
    readonly deviation: number,
  ) {
    this.#xs = Int32Array.from(samples, ([x]) => x);
    this.#ys = Int32Array.from(samples, ([, y]) => y);
    this.#own = Float32Array.from(samples, ([x, y]) => first.values[y * first.width + x]!);
  }

  /** Returns the rating of a displacement. Pixels that leave the frame do not count. */
  at([dx, dy]: Vector): number {
    const { width, height, values } = this.second,
      limit = 2 * this.deviation,
      [xs, ys, own] = [this.#xs, this.#ys, this.#own];
    const isWhole = Number.isInteger(dx) && Number.isInteger(dy);
    let sum = 0, count = 0;
    for (let i = 0; i < own.length; i++) {
      const x = xs[i]! + dx, y = ys[i]! + dy;
      if (x < 0 || y < 0 || x > width - 1 || y > height - 1) continue;
      const difference = Math.abs(own[i]! - (isWhole ? values[y * width + x]! : sampleAt(this.second, x, y)));
      sum += difference < limit ? difference : limit;
      count++;
    }
    return count * 4 < own.length ? 2 : sum / count / this.deviation;
  }

  /** Returns the rating of a displacement of whole pixels. */
  atWhole(x: number, y: number): number {
    const key = (y + 64) * 128 + x + 64;
    let score = this.#scores.get(key);
    if (score === undefined) this.#scores.set(key, score = this.at([x, y]));
    return score;
  }
}

/** Returns the displacements of whole pixels that are rated no worse than their neighbors, the shortest first. */
function minima(rating: Rating, reach: number, limit: number): Vector[] {
  const found: Vector[] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const score = rating.atWhole(x, y);
      if (score > limit) continue;
      let isLeast = true;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) isLeast &&= rating.atWhole(x + dx, y + dy) >= score - EQUAL;
      }
      if (isLeast) found.push([x, y]);
    }
  }
  return found.sort((a, b) => lengthOf(a) - lengthOf(b));
}

/** Improves a displacement to fractions of a pixel. */
function refine(rating: Rating, start: Vector): { readonly shift: Vector; readonly score: number } {
  let shift = start, score = rating.at(start);
  for (const step of FRACTIONS) {
    const [x, y] = shift;
    for (const dy of [0, -step, step]) {
      for (const dx of [0, -step, step]) {
        const other: Vector = [x + dx, y + dy], rated = rating.at(other);
        if (rated < score - EQUAL) [shift, score] = [other, rated];
      }
    }
  }
  return { shift, score };
}

/**
 * Finds the displacement of a region of periodic blocks between two frames.
 *
 * @param blocks Indices of the blocks of the region.
 * @returns `undefined` if no displacement of up to 8 pixels explains the second frame.
 */
export function regionMotion(
  first: Luma,
  second: Luma,
  periodic: PeriodicBlocks,
  blocks: readonly number[],
): RegionMotion | undefined {
  const samples = samplesOf(first, periodic, blocks);
  const deviation = blocks.reduce((sum, block) => sum + periodic.periods[block]!.deviation, 0) / blocks.length;
  const rating = new Rating(first, second, samples, deviation);
  // Hard edges match worse between pixels.
  const refined = minima(rating, REACH, 2 * MATCH).slice(0, STARTS).map((start) => refine(rating, start));
  const found = refined.filter(({ score }) => score <= MATCH).sort((a, b) => lengthOf(a.shift) - lengthOf(b.shift))[0];
  if (!found) return undefined;
  const { shift, score } = found, few = samples.filter((_, i) => i % Math.ceil(samples.length / FEW) === 0);
  return { shift, deviation, samples, aliases: aliasesOf(new Rating(first, second, few, deviation), shift, score) };
}

/** Returns displacements that explain the texture as well as `shift`, and that differ from it in the frames between. */
function aliasesOf(rating: Rating, shift: Vector, score: number): Vector[] {
  const length = lengthOf(shift);
  // Blending looks the same for all displacements of a still texture.
  if (length < 0.25) return [];
  const limit = score + AS_WELL, aliases: Vector[] = [];
  // Along stripes, all displacements are the same.
  const isSame = (a: Vector, b: Vector) =>
    Math.hypot(a[0] - b[0], a[1] - b[1]) < 2 ||
    [0.25, 0.5, 0.75].every((part) => rating.at(between(a, b, part)) <= limit + AS_WELL);
  const farthest = Math.max(FAR[0] * length, FAR[1]);
  for (const start of minima(rating, Math.ceil(farthest), 2 * MATCH)) {
    if (aliases.length >= MOST_ALIASES) break;
    const other = refine(rating, start);
    if (other.score > limit || lengthOf(other.shift) > farthest) continue;
    if (![shift, ...aliases].some((known) => isSame(known, other.shift))) aliases.push(other.shift);
  }
  return aliases;
}
