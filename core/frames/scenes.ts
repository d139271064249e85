/** Detection of scene cuts. */
import type { Frame } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { sameSize, type Thumbnail, thumbnail, tint } from "./thumbnail.ts";

/** Options of {@linkcode annotateCuts}. */
export interface CutOptions {
  /**
   * Minimum change at a cut, in percent of the contrast: the change that motion does not explain, minus that of the
   * adjacent frames. At least 0. A higher threshold finds fewer cuts; `Infinity` finds none.
   *
   * @default {20}
   */
  readonly threshold?: number | undefined;
}

/** Minimum change at a cut, in 8-bit intensity levels. */
const MIN_CHANGE = 3;
/** Added to the contrast, in 8-bit intensity levels, so that noise in a flat image is no cut. */
const FLAT_CONTRAST = 2;
/** Change that motion does not explain, relative to the contrast, if no adjacent frames show it. */
const USUAL_RESIDUAL = 0.15;
/** Maximum change from before to after a flash, relative to the contrast; other shots differ by more. */
const MAX_FLASH_CHANGE = 0.35;
/** Maximum length of a flash, in frames, which is also the look-ahead. */
const FLASH = 2;

/** Number of frames before a frame that its `facts.cut` depends on. */
export const CUT_HISTORY = FLASH + 1;

/** Below this contrast, in 8-bit intensity levels, colors are compared in addition to brightness. */
const LOW_CONTRAST = 6;

/** A frame that waits for the following ones. */
interface Waiting {
  readonly frame: Frame;
  readonly thumbnails: Thumbnails;
}

/** Thumbnails of one frame. */
interface Thumbnails {
  /** Brightness. */
  readonly small: Thumbnail;
  /** Color, if the contrast of the brightness is low. */
  readonly color: Thumbnail | undefined;
}

function thumbnailsOf(image: Frame["image"]): Thumbnails {
  const small = thumbnail(image);
  return { small, color: small.contrast < LOW_CONTRAST ? tint(image) : undefined };
}

/**
 * Yields the frames with `facts.cut`, unless they have it. A frame begins a new shot if it differs from the previous one
 * by more than motion explains. Not cuts are flashes of up to two frames, after which the previous content returns,
 * fades, which continue as they began, and steady fast motion, which changes the adjacent frames as much.
 *
 * Reads two frames ahead.
 *
 * @param frames Frames in presentation order.
 * @throws {UsageError} If the threshold is below 0 or not a number.
 */
export async function* annotateCuts(frames: AsyncIterable<Frame>, options: CutOptions = {}): AsyncGenerator<Frame> {
  const threshold = options.threshold ?? 20;
  if (!(threshold >= 0)) {
    throw new UsageError(`scenes: the cut threshold must be 0 or more, got ${threshold}; the default is 20`, {
      option: "cuts",
    });
  }
  const past: Thumbnails[] = [], waiting: Waiting[] = [];
  const next = (): Frame => {
    const { frame, thumbnails } = waiting.shift()!;
    const cut = judge(past, thumbnails, waiting.map((entry) => entry.thumbnails), threshold / 100);
    past.push(thumbnails);
    if (past.length > CUT_HISTORY) past.shift();
    return { ...frame, facts: { cut, ...frame.facts } };
  };
  for await (const frame of frames) {
    waiting.push({ frame, thumbnails: thumbnailsOf(frame.image) });
    if (waiting.length > FLASH) yield next();
  }
  while (waiting.length) yield next();
}

/** Returns whether a shot begins with `now`, given up to three previous and two following frames. */
function judge(
  past: readonly Thumbnails[],
  now: Thumbnails,
  future: readonly Thumbnails[],
  threshold: number,
): boolean {
  const before = past.at(-1);
  if (!before) return false;
  const small = ({ small }: Thumbnails) => small;
  if (!sameSize(before.small, now.small) || isCut(past.map(small), now.small, future.map(small), threshold)) {
    return true;
  }
  if (!before.color || !now.color) return false;
  const colors = (thumbnails: readonly Thumbnails[]) => thumbnails.flatMap(({ color }) => color ?? []);
  return isCut(colors(past), now.color, colors(future), threshold);
}

function isCut(past: readonly Thumbnail[], now: Thumbnail, future: readonly Thumbnail[], threshold: number): boolean {
  const before = past.at(-1)!;
  const contrast = Math.min(before.contrast, now.contrast) + FLAT_CONTRAST;
  const step = residual(before, now, Math.max(MIN_CHANGE, threshold * contrast));
  if (step <= MIN_CHANGE || step / contrast <= threshold) return false;

  const alike = (a: Thumbnail, b: Thumbnail) => {
    if (!sameSize(a, b)) return false;
    const rest = residual(a, b);
    return rest < step / 2 && rest <= MAX_FLASH_CHANGE * (Math.min(a.contrast, b.contrast) + FLAT_CONTRAST);
  };
  const comesBack = future.some((after) => alike(before, after));
  const wasAway = past.slice(0, -1).some((earlier) => alike(earlier, now));
  if (comesBack || wasAway) return false;

  const residuals: number[] = [];
  const goesOn = (first: Thumbnail | undefined, second: Thumbnail, third: Thumbnail) => {
    if (!first || !sameSize(first, second)) return false;
    residuals.push(residual(first, second));
    return difference(continued(first, second), third) < step / 2;
  };
  if (goesOn(past.at(-2), before, now) || goesOn(future[0], now, before)) return false;
  const rest = residuals.length ? Math.min(...residuals) / contrast : USUAL_RESIDUAL;
  return step / contrast - rest > threshold;
}

/** Returns the extrapolation of two thumbnails, which predicts the next frame of a fade or dissolve. */
function continued(first: Thumbnail, second: Thumbnail): Thumbnail {
  const cells = second.cells.map((cell, i) => Math.min(255, Math.max(0, 2 * cell - first.cells[i]!)));
  return { ...second, cells };
}

/** Side of the compared blocks, in cells. */
const BLOCK = 5;

/** Returns the mean absolute difference of two thumbnails of one size, in 8-bit intensity levels, without motion compensation. */
function difference(a: Thumbnail, b: Thumbnail): number {
  let sum = 0;
  for (let i = 0; i < a.cells.length; i++) sum += Math.abs(a.cells[i]! - b.cells[i]!);
  return sum / a.cells.length;
}

/**
 * Returns the mean absolute difference of two thumbnails of one size after block matching, in 8-bit intensity levels. The
 * search range is an eighth of the width and a ninth of the height.
 *
 * @param enough Difference at or below which the exact value does not matter: once that is certain, matching stops.
 */
function residual(a: Thumbnail, b: Thumbnail, enough = 0): number {
  // Of the blocks that are not matched yet, the difference without motion is an upper bound.
  const count = a.cells.length, limit = enough * count;
  let sum = 0, bound = difference(a, b) * count, motion: Motion = { best: 0, dx: 0, dy: 0 };
  for (let y = 0; y < a.height; y += BLOCK) {
    for (let x = 0; x < a.width && bound > limit; x += BLOCK) {
      const width = Math.min(BLOCK, a.width - x), height = Math.min(BLOCK, a.height - y);
      const still = blockDifference(a, b, x, y, x, y, width, height, Infinity);
      motion = matchBlock(a, b, x, y, width, height, still, motion);
      sum += motion.best;
      bound += motion.best - still;
    }
  }
  return (bound > limit ? sum : bound) / count;
}

/** Motion of a block. */
interface Motion {
  /** Least difference in the search range. */
  readonly best: number;
  /** Distance to the right at which it is found, in cells. */
  readonly dx: number;
  /** Distance downward at which it is found, in cells. */
  readonly dy: number;
}

/**
 * Matches a block of `b` with those of `a` in the search range.
 *
 * @param still Difference without motion.
 * @param guess Motion of the block before it, which is tried first: a small difference lets the others stop early.
 */
function matchBlock(
  a: Thumbnail,
  b: Thumbnail,
  x: number,
  y: number,
  width: number,
  height: number,
  still: number,
  guess: Motion,
): Motion {
  const reachX = Math.round(a.width / 8), reachY = Math.round(a.height / 9);
  const left = Math.max(0, x - reachX), right = Math.min(a.width - width, x + reachX);
  const top = Math.max(0, y - reachY), bottom = Math.min(a.height - height, y + reachY);
  let best = still, bestX = x, bestY = y;
  const tryAt = (fromX: number, fromY: number) => {
    const found = blockDifference(a, b, fromX, fromY, x, y, width, height, best);
    if (found < best) [best, bestX, bestY] = [found, fromX, fromY];
  };
  const guessX = Math.min(right, Math.max(left, x + guess.dx)), guessY = Math.min(bottom, Math.max(top, y + guess.dy));
  tryAt(guessX, guessY);
  for (let fromY = top; fromY <= bottom && best > 0; fromY++) {
    for (let fromX = left; fromX <= right && best > 0; fromX++) tryAt(fromX, fromY);
  }
  return { best, dx: bestX - x, dy: bestY - y };
}

/** Returns the sum of absolute differences between a block of `a` and one of `b`; stops early above `limit`. */
function blockDifference(
  a: Thumbnail,
  b: Thumbnail,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  width: number,
  height: number,
  limit: number,
): number {
  let sum = 0;
  for (let y = 0; y < height && sum < limit; y++) {
    const i = (ay + y) * a.width + ax, k = (by + y) * b.width + bx;
    for (let x = 0; x < width; x++) sum += Math.abs(a.cells[i + x]! - b.cells[k + x]!);
  }
  return sum;
}
