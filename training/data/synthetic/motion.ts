import type { Random } from "../random.ts";

/**
 * Motion of a layer: its point x (relative to the image center, in pixels) is at x + t·(Bx + c) at time t.
 * B = [[b00, b01], [b10, b11]], c = (cx, cy).
 */
export interface Motion {
  /** Rotation and scale, row by row. */
  readonly b: readonly [number, number, number, number];
  /** Translation in pixels. */
  readonly c: readonly [number, number];
}

/** No motion. */
export const STILL: Motion = { b: [0, 0, 0, 0], c: [0, 0] };

/** Options of motion. */
export interface MotionOptions {
  /** Mean translation relative to the image size; the distribution is exponential, clipped at 0.4. */
  readonly translation: number;
  /** Deviation of the angle in radians; the scale deviates by 0.7 of it. */
  readonly turn: number;
}

/** Largest translation relative to the image size. */
const LONGEST = 0.4;

/** Deviation of the scale relative to that of the angle. */
const SCALE_SHARE = 0.7;

/** Draws a motion for an image of `size` × `size` pixels. */
export function drawMotion(random: Random, size: number, { translation, turn }: MotionOptions): Motion {
  const length = Math.min(random.exponential(translation), LONGEST) * size;
  const direction = random.next() * 2 * Math.PI;
  const angle = random.normal() * turn, scale = 1 + random.normal() * turn * SCALE_SHARE;
  const cos = scale * Math.cos(angle), sin = scale * Math.sin(angle);
  return { b: [cos - 1, -sin, sin, cos - 1], c: [length * Math.cos(direction), length * Math.sin(direction)] };
}

/** Adds the displacements of two motions. */
export function addMotion(a: Motion, b: Motion): Motion {
  return {
    b: [a.b[0] + b.b[0], a.b[1] + b.b[1], a.b[2] + b.b[2], a.b[3] + b.b[3]],
    c: [a.c[0] + b.c[0], a.c[1] + b.c[1]],
  };
}

/** Inverse motion: the layer's point x = M·p + d, that is (I + tB)⁻¹(p − tc), for a point p of the image at time t. */
export interface Inverse {
  /** M, row by row. */
  readonly m: readonly [number, number, number, number];
  /** d in pixels. */
  readonly d: readonly [number, number];
}

/** Returns the inverse of a motion at time `t`. */
export function inverseAt({ b, c }: Motion, t: number): Inverse {
  const a00 = 1 + t * b[0], a01 = t * b[1], a10 = t * b[2], a11 = 1 + t * b[3];
  const determinant = a00 * a11 - a01 * a10;
  const m00 = a11 / determinant, m01 = -a01 / determinant, m10 = -a10 / determinant, m11 = a00 / determinant;
  return { m: [m00, m01, m10, m11], d: [-t * (m00 * c[0] + m01 * c[1]), -t * (m10 * c[0] + m11 * c[1])] };
}
