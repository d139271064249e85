/** Finds pictures that repeat, and writes it into the frames' facts. */
import type { Frame } from "../contracts/frame.ts";
import { type Thumbnail, thumbnail } from "./thumbnail.ts";

/** As many cells as 480 × 270 have: fine enough to see lips and cursors move. */
const CELLS = 480 * 270;

/** The most frames that are held back until it is known what follows them. */
export const DUPLICATE_WINDOW = 16;

/** More than these levels of 8 bit in one place is no coding noise, and less no movement that people would miss. */
const MOST_NOISE = 12;

/** A repeat differs by less than this share of what the movement about it does. */
const NOISE_SHARE = 0.2;

/** Less than this, in levels, is no change of any kind. */
const SAME = 0.1;

/** Shifts explain the difference in this share of the patches in slow movement (pans: 0.57 and more; repeats coded anew: up to 0.11). */
const MOVED_SHARE = 0.3;

/** A picture that brightens by more than this many levels is a fade. */
const MOST_BRIGHTENING = 0.5;

/** A frame that may be a repeat, until it is known what moves about it. */
interface Candidate {
  readonly frame: Frame;
  readonly worst: number;
}

/** Whether `b` may be `a` again; movement is looked for last, since it takes four fifths of comparing. */
function isQuiet(a: Thumbnail, b: Thumbnail, { worst, brightness } = changeOf(a, b)): boolean {
  if (worst < SAME) return true;
  return worst < MOST_NOISE && Math.abs(brightness) < MOST_BRIGHTENING && movedShare(a, b) < MOVED_SHARE;
}

/**
 * Passes frames on with `facts.duplicate` set, unless it is already: whether a frame shows the picture before it but for
 * noise of coding. It does if no place in it differs by more than a fifth of what the movement just before and after
 * changes, and if no slow shift or fade explains the difference. Where nothing moves, and where everything changes as little
 * as everything else (noise, slow pans), nothing is a repeat. Frames must bring their cuts along: what changes at a cut is no
 * movement.
 *
 * Holds {@linkcode DUPLICATE_WINDOW} frames back at most, and those only while pictures seem to repeat.
 */
export async function* annotateDuplicates(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let run: Candidate[] = [], before = 0, anchor: Thumbnail | undefined, last: Thumbnail | undefined;
  const judged = ({ frame, worst }: Candidate, movement: number): Frame => {
    const duplicate = movement >= MOST_NOISE && worst < NOISE_SHARE * movement;
    return { ...frame, facts: { duplicate, ...frame.facts } };
  };
  const flush = (after: number): Frame[] => {
    const movement = Math.max(before, after, ...run.map(({ worst }) => worst));
    const done = run.map((candidate) => judged(candidate, movement));
    run = [];
    return done;
  };
  for await (const frame of frames) {
    const now = thumbnail(frame.image, CELLS);
    const isNew = !last || frame.facts.cut || last.width !== now.width || last.height !== now.height;
    const change = isNew ? undefined : changeOf(last!, now);
    const mayRepeat = change && isQuiet(last!, now, change) && (run.length === 0 || isQuiet(anchor!, now));
    last = now;
    if (mayRepeat) {
      run.push({ frame, worst: change.worst });
      if (run.length > DUPLICATE_WINDOW) yield judged(run.shift()!, before);
      continue;
    }
    yield* flush(change?.worst ?? 0);
    yield { ...frame, facts: { duplicate: false, ...frame.facts } };
    before = change?.worst ?? 0;
    anchor = now;
  }
  yield* flush(0);
}

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
