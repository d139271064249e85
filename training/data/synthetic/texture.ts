import type { Random } from "../random.ts";

/** Draws a texture: RGB in [0, 1], [size, size, 3]. */
export type DrawTexture = (random: Random, size: number) => Float32Array;

/** Cells across the image of the coarsest octave, and of each finer one. */
const OCTAVES = [3, 7, 17, 41];

/** Adds value noise of `cells` cells a side, bilinear between them, to `values`. */
function addNoise(random: Random, values: Float32Array, size: number, cells: number, strength: number): void {
  const side = cells + 1;
  const grid = Float32Array.from({ length: side * side * 3 }, () => (random.next() - 0.5) * strength);
  const step = cells / size;
  for (let y = 0; y < size; y++) {
    const row = Math.floor(y * step), fy = y * step - row;
    for (let x = 0; x < size; x++) {
      const column = Math.floor(x * step), fx = x * step - column;
      const above = (row * side + column) * 3, below = above + side * 3, target = (y * size + x) * 3;
      for (let c = 0; c < 3; c++) {
        const top = grid[above + c]! * (1 - fx) + grid[above + 3 + c]! * fx;
        const bottom = grid[below + c]! * (1 - fx) + grid[below + 3 + c]! * fx;
        values[target + c]! += top * (1 - fy) + bottom * fy;
      }
    }
  }
}

/** Adds stripes, sharp or soft, in one color and direction. */
function addStripes(random: Random, values: Float32Array, size: number): void {
  const angle = random.next() * Math.PI, period = random.between(4, 24), isSharp = random.chance(0.5);
  const ax = Math.cos(angle) * 2 * Math.PI / period, ay = Math.sin(angle) * 2 * Math.PI / period;
  const color = [0, 1, 2].map(() => random.between(-0.3, 0.3)) as [number, number, number];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const wave = Math.sin(ax * x + ay * y), level = isSharp ? (wave > 0 ? 1 : -1) : wave, i = (y * size + x) * 3;
      for (let c = 0; c < 3; c++) values[i + c]! += color[c]! * level;
    }
  }
}

/** Fills discs of one color each, similar to leaves, stones or windows. */
function addDiscs(random: Random, values: Float32Array, size: number): void {
  for (let n = 4 + random.integer(20); n > 0; n--) {
    const radius = random.between(1.5, size / 10), cx = random.next() * size, cy = random.next() * size;
    const color = [random.next(), random.next(), random.next()];
    for (let y = Math.max(0, Math.ceil(cy - radius)); y < Math.min(size, cy + radius); y++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (y - cy) * (y - cy)));
      for (let x = Math.max(0, Math.ceil(cx - half)); x < Math.min(size, cx + half); x++) {
        for (let c = 0; c < 3; c++) values[(y * size + x) * 3 + c] = color[c]!;
      }
    }
  }
}

/** Draws a procedural texture: colored noise of several scales, with random stripes and discs. */
export function drawProceduralTexture(random: Random, size: number): Float32Array {
  const values = new Float32Array(size * size * 3);
  const base = [random.between(0.15, 0.85), random.between(0.15, 0.85), random.between(0.15, 0.85)];
  for (let i = 0; i < values.length; i++) values[i] = base[i % 3]!;
  let strength = random.between(0.3, 0.8);
  const fall = random.between(0.5, 0.9);
  for (const cells of OCTAVES) {
    addNoise(random, values, size, cells, strength);
    strength *= fall;
  }
  if (random.chance(0.4)) addStripes(random, values, size);
  if (random.chance(0.5)) addDiscs(random, values, size);
  for (let i = 0; i < values.length; i++) values[i] = Math.min(1, Math.max(0, values[i]!));
  return values;
}
