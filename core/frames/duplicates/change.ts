import type { Thumbnail } from "../scenes/thumbnail.ts";

/** Side of the blocks whose difference is looked at, in cells: a mouth or a cursor fills one. */
const BLOCK = 8;

/** Side of the blocks whose movement is looked at, in cells. */
const PATCH = 16;

/** A patch without at least this much slope, in levels a cell, tells nothing of movement. */
const LEAST_SLOPE = 1;

/** A shift that explains this share of a patch's squared differences was one. */
const EXPLAINED = 0.5;

/** How a picture differs from another, in levels of 8 bit. */
export interface Change {
  /** Mean absolute difference of the block of 8 × 8 cells that differs most. */
  readonly worst: number;
  /** Difference of the mean brightness. */
  readonly brightness: number;
}

/** How `b` differs from `a`, of the same size. */
export function changeOf(a: Thumbnail, b: Thumbnail): Change {
  let worst = 0, sum = 0;
  for (let y = 0; y < a.height; y += BLOCK) {
    for (let x = 0; x < a.width; x += BLOCK) {
      const block = blockChange(a, b, x, y);
      worst = Math.max(worst, block.absolute / block.cells);
      sum += block.signed;
    }
  }
  return { worst, brightness: sum / a.cells.length };
}

function blockChange(a: Thumbnail, b: Thumbnail, left: number, top: number) {
  const right = Math.min(left + BLOCK, a.width), bottom = Math.min(top + BLOCK, a.height);
  let absolute = 0, signed = 0;
  for (let y = top; y < bottom; y++) {
    for (let i = y * a.width + left, end = y * a.width + right; i < end; i++) {
      const change = b.cells[i]! - a.cells[i]!;
      absolute += Math.abs(change);
      signed += change;
    }
  }
  return { absolute, signed, cells: (right - left) * (bottom - top) };
}

/**
 * Share of the patches of which a shift explains how `b` differs from `a`, 0 to 1: high in slow movement of the picture, low
 * in noise. Least squares of the difference on the slopes of the picture (Lucas and Kanade 1981), patch by patch.
 */
export function movedShare(a: Thumbnail, b: Thumbnail): number {
  const { width, height } = a;
  let moved = 0, all = 0;
  for (let top = 1; top < height - 1; top += PATCH) {
    for (let left = 1; left < width - 1; left += PATCH) {
      const right = Math.min(left + PATCH, width - 1), bottom = Math.min(top + PATCH, height - 1);
      let xx = 0, xy = 0, yy = 0, xd = 0, yd = 0, dd = 0;
      for (let y = top; y < bottom; y++) {
        for (let i = y * width + left, end = y * width + right; i < end; i++) {
          const gx = slope(a, b, i, 1), gy = slope(a, b, i, width), d = b.cells[i]! - a.cells[i]!;
          xx += gx * gx;
          xy += gx * gy;
          yy += gy * gy;
          xd += gx * d;
          yd += gy * d;
          dd += d * d;
        }
      }
      if (xx + yy < (right - left) * (bottom - top) * LEAST_SLOPE ** 2) continue;
      all++;
      if (dd > 0 && explainedBy(xx, xy, yy, xd, yd) > EXPLAINED * dd) moved++;
    }
  }
  return all === 0 ? 0 : moved / all;
}

function slope(a: Thumbnail, b: Thumbnail, i: number, step: number): number {
  return (a.cells[i + step]! - a.cells[i - step]! + b.cells[i + step]! - b.cells[i - step]!) / 4;
}

/** The sum of squares that the best shift explains; a patch with slopes in one direction has only that part of it. */
function explainedBy(xx: number, xy: number, yy: number, xd: number, yd: number): number {
  const determinant = xx * yy - xy * xy;
  if (determinant <= 1e-3 * xx * yy || determinant === 0) {
    return xx >= yy ? xd * xd / (xx || 1) : yd * yd / yy;
  }
  return (yy * xd * xd - 2 * xy * xd * yd + xx * yd * yd) / determinant;
}
