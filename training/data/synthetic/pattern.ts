import type { Random } from "../random.ts";

/** Shortest and longest period of patterns in pixels. */
const PERIODS = [4, 32] as const;

/** Share of patterns along the pixel grid, like most blinds, grilles and screens. */
const UPRIGHT = 0.5;

/** Smallest difference of the two colors of a pattern, averaged over the channels. */
const LEAST_CONTRAST = 0.15;

/** Levels, from −1 to 1, of the kinds of patterns at the phases (u, v) of two perpendicular directions, in radians. */
const KINDS: readonly ((u: number, v: number) => number)[] = [
  // Stripes and blinds.
  (u) => Math.sin(u),
  // Checks.
  (u, v) => Math.sin(u) * Math.sin(v),
  // Half-tone dots.
  (u, v) => (Math.sin(u) + Math.sin(v)) / 2,
  // Grilles: narrow bars in both directions.
  (u, v) => Math.max(Math.sin(u), Math.sin(v)) * 2 - 1,
];

function drawColors(random: Random): readonly [readonly number[], readonly number[]] {
  for (;;) {
    const [a, b] = [0, 1].map(() => [random.next(), random.next(), random.next()]) as [number[], number[]];
    const contrast = a.reduce((sum, value, c) => sum + Math.abs(value - b[c]!), 0) / 3;
    if (contrast >= LEAST_CONTRAST) return [a, b];
  }
}

/**
 * Draws a repeating pattern of two colors: stripes, checks, dots or a grille, with a period of 4 to 32 pixels, short ones as
 * often as long ones, and sharp or soft edges. Networks match such patterns wrongly unless they learn them.
 *
 * @returns RGB in [0, 1], [size, size, 3].
 */
export function drawPattern(random: Random, size: number): Float32Array {
  const kind = random.pick(KINDS), [low, high] = PERIODS;
  const period = low * (high / low) ** random.next(), sharpness = random.chance(0.7) ? random.between(3, 8) : 1;
  const angle = random.chance(UPRIGHT) ? random.integer(2) * Math.PI / 2 : random.next() * Math.PI;
  const ax = Math.cos(angle) * 2 * Math.PI / period, ay = Math.sin(angle) * 2 * Math.PI / period;
  const [a, b] = drawColors(random), values = new Float32Array(size * size * 3);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i += 3) {
      const level = Math.min(1, Math.max(-1, kind(ax * x + ay * y, ax * y - ay * x) * sharpness));
      for (let c = 0; c < 3; c++) values[i + c] = (a[c]! * (1 - level) + b[c]! * (1 + level)) / 2;
    }
  }
  return values;
}
