/** Detection of duplicate frames. */
import type { Frame } from "../contracts/frame.ts";
import { sameSize, type Thumbnail, thumbnail } from "./thumbnail.ts";

/** Size of thumbnails, in cells: fine enough to show moving lips and cursors. */
const CELLS = 480 * 270;

/** Maximum look-ahead, in frames. */
export const DUPLICATE_WINDOW = 16;

/** Maximum change of a block by coding noise, in 8-bit intensity levels; viewers do not notice less motion than this. */
const MAX_NOISE = 12;

/** Maximum change of a duplicate frame, relative to that of the motion around it. */
const NOISE_SHARE = 0.2;

/** Changes below this number of 8-bit intensity levels are ignored. */
const SAME = 0.1;

/** Minimum share of patches with a shift in slow motion (pans: 0.57 and more; encoded duplicates: up to 0.11). */
const MIN_MOVED_SHARE = 0.3;

/** Maximum change of the mean brightness, in 8-bit intensity levels; a fade changes more. */
const MAX_BRIGHTENING = 0.5;

/** A frame that may be a duplicate, which depends on the motion around it. */
interface Candidate {
  readonly frame: Frame;
  readonly worst: number;
}

/** Returns whether `b` may repeat `a`. The check for motion is last, because it takes four fifths of the time. */
function isQuiet(a: Thumbnail, b: Thumbnail, { worst, brightness } = changeOf(a, b)): boolean {
  if (worst < SAME) return true;
  return worst < MAX_NOISE && Math.abs(brightness) < MAX_BRIGHTENING && movedShare(a, b) < MIN_MOVED_SHARE;
}

/** A frame with the facts of the detectors. */
export interface DetectedFrame {
  /** The frame. */
  readonly frame: Frame;
  /**
   * Whether its content differs from that of the previous frame, or it begins a shot. The facts of this frame and of all later
   * ones then depend on no frames before the previous one, except for cuts.
   */
  readonly isChange: boolean;
}

/**
 * Yields the frames with `facts.duplicate`, unless they have it: whether a frame repeats the content of the previous one, except
 * for coding noise. It does if no block changes by more than a fifth of the change by motion just before and after, and no
 * slow shift or fade explains the difference. Without such motion (stills, noise, slow pans) no frame is a duplicate.
 *
 * Reads up to {@linkcode DUPLICATE_WINDOW} frames ahead while frames seem to repeat.
 *
 * @param frames Frames in presentation order, with `facts.cut`: changes at a cut do not count as motion.
 */
export async function* annotateDuplicates(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  for await (const { frame } of detectDuplicates(frames)) yield frame;
}

/** Yields the frames as {@linkcode annotateDuplicates} does, and whether the content of each differs. */
export async function* detectDuplicates(frames: AsyncIterable<Frame>): AsyncGenerator<DetectedFrame> {
  let run: Candidate[] = [], before = 0, anchor: Thumbnail | undefined, last: Thumbnail | undefined;
  const withFacts = ({ frame, worst }: Candidate, motion: number): DetectedFrame => {
    const duplicate = motion >= MAX_NOISE && worst < NOISE_SHARE * motion;
    return { frame: { ...frame, facts: { duplicate, ...frame.facts } }, isChange: false };
  };
  const flush = (after: number): DetectedFrame[] => {
    const motion = Math.max(before, after, ...run.map(({ worst }) => worst));
    const done = run.map((candidate) => withFacts(candidate, motion));
    run = [];
    return done;
  };
  for await (const frame of frames) {
    const now = thumbnail(frame.image, CELLS);
    const isNew = !last || frame.facts.cut || !sameSize(last, now);
    const change = isNew ? undefined : changeOf(last!, now);
    const isChange = !change || !isQuiet(last!, now, change);
    const mayRepeat = !isChange && (run.length === 0 || isQuiet(anchor!, now));
    last = now;
    if (mayRepeat) {
      run.push({ frame, worst: change!.worst });
      if (run.length > DUPLICATE_WINDOW) yield withFacts(run.shift()!, before);
      continue;
    }
    yield* flush(change?.worst ?? 0);
    yield { frame: { ...frame, facts: { duplicate: false, ...frame.facts } }, isChange };
    before = change?.worst ?? 0;
    anchor = now;
  }
  yield* flush(0);
}

/** Side of the compared blocks, in cells: about the size of a mouth or a cursor. */
const BLOCK = 8;

/** Side of the patches for estimating shifts, in cells. */
const PATCH = 16;

/** Minimum gradient of a patch for estimating its shift, in intensity levels per cell. */
const MIN_GRADIENT = 1;

/** Minimum share of a patch's squared differences that its shift explains. */
const EXPLAINED = 0.5;

/** Change between two images, in 8-bit intensity levels. */
interface Change {
  /** Mean absolute difference of the 8 × 8 block with the largest change. */
  readonly worst: number;
  /** Difference of the mean brightness. */
  readonly brightness: number;
}

/** Returns the change from `a` to `b`, which have the same size. */
function changeOf(a: Thumbnail, b: Thumbnail): Change {
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
 * Returns the share of patches whose change from `a` to `b` a shift explains, 0 to 1: high for slow motion, low for noise.
 * Fits the difference of each patch to the image gradients by least squares (Lucas and Kanade 1981).
 */
function movedShare(a: Thumbnail, b: Thumbnail): number {
  const { width, height } = a;
  let moved = 0, all = 0;
  for (let top = 1; top < height - 1; top += PATCH) {
    for (let left = 1; left < width - 1; left += PATCH) {
      const right = Math.min(left + PATCH, width - 1), bottom = Math.min(top + PATCH, height - 1);
      let xx = 0, xy = 0, yy = 0, xd = 0, yd = 0, dd = 0;
      for (let y = top; y < bottom; y++) {
        for (let i = y * width + left, end = y * width + right; i < end; i++) {
          const gx = gradient(a, b, i, 1), gy = gradient(a, b, i, width), d = b.cells[i]! - a.cells[i]!;
          xx += gx * gx;
          xy += gx * gy;
          yy += gy * gy;
          xd += gx * d;
          yd += gy * d;
          dd += d * d;
        }
      }
      if (xx + yy < (right - left) * (bottom - top) * MIN_GRADIENT ** 2) continue;
      all++;
      if (dd > 0 && explainedBy(xx, xy, yy, xd, yd) > EXPLAINED * dd) moved++;
    }
  }
  return all === 0 ? 0 : moved / all;
}

function gradient(a: Thumbnail, b: Thumbnail, i: number, step: number): number {
  return (a.cells[i + step]! - a.cells[i - step]! + b.cells[i + step]! - b.cells[i - step]!) / 4;
}

/** Returns the sum of squares that the best shift explains. A patch with gradients in one direction only allows shifts along it. */
function explainedBy(xx: number, xy: number, yy: number, xd: number, yd: number): number {
  const determinant = xx * yy - xy * xy;
  if (determinant <= 1e-3 * xx * yy || determinant === 0) {
    return xx >= yy ? xd * xd / (xx || 1) : yd * yd / yy;
  }
  return (yy * xd * xd - 2 * xy * xd * yd + xx * yd * yd) / determinant;
}
