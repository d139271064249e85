import type { Random } from "../random.ts";

/** Control points per axis of the noise that deforms an outline. */
const GRID = 5;

/** Displacement of the outline by the noise, relative to half the mask size. */
const BEND = 0.12;

/** Returns the weights of four control points of a cubic B-spline at `f` in [0, 1). */
function spline(f: number): [number, number, number, number] {
  const g = 1 - f, square = f * f, cube = square * f;
  return [g * g * g / 6, (3 * cube - 6 * square + 4) / 6, (-3 * cube + 3 * square + 3 * f + 1) / 6, cube / 6];
}

/** Smooth noise [size, size] of about unit size. */
function smoothNoise(random: Random, size: number): Float32Array {
  const points = Float32Array.from({ length: GRID * GRID }, () => random.normal());
  const clamp = (i: number) => Math.min(GRID - 1, Math.max(0, i));
  const columns = Array.from({ length: size }, (_, x) => {
    const place = x / (size - 1) * (GRID - 1), cell = Math.floor(place);
    return { cell, weights: spline(place - cell) };
  });
  const noise = new Float32Array(size * size);
  const line = new Float32Array(GRID);
  columns.forEach(({ cell, weights }, y) => {
    for (let i = 0; i < GRID; i++) {
      line[i] = weights.reduce((sum, weight, k) => sum + weight * points[clamp(cell - 1 + k) * GRID + i]!, 0);
    }
    for (let x = 0; x < size; x++) {
      const { cell, weights: w } = columns[x]!;
      noise[y * size + x] = w[0] * line[clamp(cell - 1)]! + w[1] * line[clamp(cell)]! + w[2] * line[clamp(cell + 1)]! +
        w[3] * line[clamp(cell + 2)]!;
    }
  });
  return noise;
}

/**
 * Draws the mask of a layer: a deformed ellipse, 1 inside, 0 outside, with an edge about one pixel wide.
 *
 * @param size Width and height of the mask in pixels.
 * @param thin Whether the shape is long and thin, as legs and poles are.
 */
export function drawMask(random: Random, size: number, thin: boolean): Float32Array {
  const noise = smoothNoise(random, size), mask = new Float32Array(size * size);
  const centerX = random.between(-0.7, 0.7), centerY = random.between(-0.7, 0.7);
  const radius = thin ? random.between(0.1, 0.25) : random.between(0.15, 0.75);
  const aspect = thin ? random.between(2, 4) : random.between(0.5, 1.5);
  const angle = random.next() * Math.PI, cos = Math.cos(angle), sin = Math.sin(angle);
  const bend = thin ? BEND / 6 : BEND, sharpness = size / 2 * 1.6;
  for (let y = 0; y < size; y++) {
    const v = 2 * y / (size - 1) - 1 - centerY;
    for (let x = 0; x < size; x++) {
      const u = 2 * x / (size - 1) - 1 - centerX, i = y * size + x;
      const along = (cos * u + sin * v) / aspect, across = (cos * v - sin * u) * aspect;
      const inside = (radius - Math.sqrt(along * along + across * across) + bend * noise[i]!) * sharpness;
      mask[i] = inside > 12 ? 1 : inside < -12 ? 0 : 1 / (1 + Math.exp(-inside));
    }
  }
  return mask;
}
