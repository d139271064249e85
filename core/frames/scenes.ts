/** Finds where shots begin, and writes it into the frames' facts. */
import type { Frame } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { type Thumbnail, thumbnail, tint } from "./thumbnail.ts";

/** How {@linkcode annotateCuts} decides. */
export interface CutOptions {
  /**
   * How much of the picture's contrast, in percent, must be new: not explained by motion, and more than in the steps
   * beside it. Higher finds fewer cuts; `Infinity` none.
   *
   * @default {20}
   */
  readonly threshold?: number | undefined;
}

/** A cut changes the picture by more than this many levels of 8 bit, or it is not worth a hard step. */
const LEAST_CHANGE = 3;
/** Added to the contrast, in levels of 8 bit: a flat picture has none, and its noise is no new picture. */
const FLAT_CONTRAST = 2;
/** The share of contrast that motion is taken to leave where no step beside it tells. */
const USUAL_REST = 0.15;
/** The picture after a flash is that before it where at most this share of their contrast differs: of other shots it is more. */
const COMES_BACK = 0.35;
/** The longest flash, in frames: what comes back within it was no cut. It bounds the look-ahead. */
const FLASH = 2;

/** Below this contrast, in levels, brightness shows next to nothing, and color is looked at too. */
const DULL = 6;

/** A frame that waits for its successors. */
interface Seen {
  readonly frame: Frame;
  readonly looks: Looks;
}

/** What is compared of a picture. */
interface Looks {
  /** Its brightness. */
  readonly small: Thumbnail;
  /** Its color, where its brightness shows next to nothing. */
  readonly color: Thumbnail | undefined;
}

function looksOf(image: Frame["image"]): Looks {
  const small = thumbnail(image);
  return { small, color: small.contrast < DULL ? tint(image) : undefined };
}

/**
 * Passes frames on with `facts.cut` set, unless it is already. A frame begins a new shot if, after
 * motion is taken out, too much of it is new. Pans change too little, a flash of up to two frames is told by the picture
 * that comes back, a fade by going on as it began, and steady fast motion by the steps beside it.
 *
 * Holds two frames back.
 *
 * @throws {UsageError} If the threshold is below 0 or not a number.
 */
export async function* annotateCuts(frames: AsyncIterable<Frame>, options: CutOptions = {}): AsyncGenerator<Frame> {
  const threshold = options.threshold ?? 20;
  if (!(threshold >= 0)) {
    throw new UsageError(`scenes: the cut threshold must be 0 or more, got ${threshold}; the default is 20`);
  }
  const past: Looks[] = [], waiting: Seen[] = [];
  const next = (): Frame => {
    const { frame, looks } = waiting.shift()!;
    const cut = judge(past, looks, waiting.map((seen) => seen.looks), threshold / 100);
    past.push(looks);
    if (past.length > FLASH + 1) past.shift();
    return { ...frame, facts: { cut, ...frame.facts } };
  };
  for await (const frame of frames) {
    waiting.push({ frame, looks: looksOf(frame.image) });
    if (waiting.length > FLASH) yield next();
  }
  while (waiting.length) yield next();
}

/** Whether a shot begins with `now`, given the looks of up to three pictures before it and two after. */
function judge(past: readonly Looks[], now: Looks, future: readonly Looks[], threshold: number): boolean {
  const before = past.at(-1);
  if (!before) return false;
  const small = ({ small }: Looks) => small;
  if (!sameSize(before.small, now.small) || isCut(past.map(small), now.small, future.map(small), threshold)) {
    return true;
  }
  if (!before.color || !now.color) return false;
  const colors = (looks: readonly Looks[]) => looks.flatMap(({ color }) => color ?? []);
  return isCut(colors(past), now.color, colors(future), threshold);
}

function isCut(past: readonly Thumbnail[], now: Thumbnail, future: readonly Thumbnail[], threshold: number): boolean {
  const before = past.at(-1)!;
  const step = residual(before, now);
  const contrast = Math.min(before.contrast, now.contrast) + FLAT_CONTRAST;
  if (step <= LEAST_CHANGE || step / contrast <= threshold) return false;

  const alike = (a: Thumbnail, b: Thumbnail) => {
    if (!sameSize(a, b)) return false;
    const rest = residual(a, b);
    return rest < step / 2 && rest <= COMES_BACK * (Math.min(a.contrast, b.contrast) + FLAT_CONTRAST);
  };
  const comesBack = future.some((after) => alike(before, after));
  const wasAway = past.slice(0, -1).some((earlier) => alike(earlier, now));
  if (comesBack || wasAway) return false;

  const beside: number[] = [];
  const goesOn = (first: Thumbnail | undefined, second: Thumbnail, third: Thumbnail) => {
    if (!first || !sameSize(first, second)) return false;
    beside.push(residual(first, second));
    return difference(continued(first, second), third) < step / 2;
  };
  if (goesOn(past.at(-2), before, now) || goesOn(future[0], now, before)) return false;
  const rest = beside.length ? Math.min(...beside) / contrast : USUAL_REST;
  return step / contrast - rest > threshold;
}

function sameSize(a: Thumbnail, b: Thumbnail): boolean {
  return a.width === b.width && a.height === b.height;
}

/** The thumbnail that follows two others if each cell goes on brightening or darkening as it did: a fade or dissolve. */
function continued(first: Thumbnail, second: Thumbnail): Thumbnail {
  const cells = second.cells.map((cell, i) => Math.min(255, Math.max(0, 2 * cell - first.cells[i]!)));
  return { ...second, cells };
}

/** Side of the blocks that are compared, in cells. */
const BLOCK = 5;

/** Mean absolute difference of two thumbnails of one size, in levels of 8 bit, without regard to motion. */
export function difference(a: Thumbnail, b: Thumbnail): number {
  let sum = 0;
  for (let i = 0; i < a.cells.length; i++) sum += Math.abs(a.cells[i]! - b.cells[i]!);
  return sum / a.cells.length;
}

/**
 * What is left of the difference between two thumbnails of one size, in levels of 8 bit, when each block of `b` is taken
 * from where it fits best in `a`, up to an eighth of the width and a ninth of the height away.
 */
export function residual(a: Thumbnail, b: Thumbnail): number {
  const reachX = Math.round(a.width / 8), reachY = Math.round(a.height / 9);
  let sum = 0;
  forEachBlock(a, (x, y, width, height) => {
    let best = blockDifference(a, b, x, y, x, y, width, height, Infinity);
    const right = Math.min(a.width - width, x + reachX), bottom = Math.min(a.height - height, y + reachY);
    for (let fromY = Math.max(0, y - reachY); fromY <= bottom; fromY++) {
      for (let fromX = Math.max(0, x - reachX); fromX <= right; fromX++) {
        best = Math.min(best, blockDifference(a, b, fromX, fromY, x, y, width, height, best));
      }
    }
    sum += best;
  });
  return sum / a.cells.length;
}

function forEachBlock(of: Thumbnail, visit: (x: number, y: number, width: number, height: number) => void): void {
  for (let y = 0; y < of.height; y += BLOCK) {
    for (let x = 0; x < of.width; x += BLOCK) {
      visit(x, y, Math.min(BLOCK, of.width - x), Math.min(BLOCK, of.height - y));
    }
  }
}

/** Sum of absolute differences between a block of `a` and one of `b`; gives up, above `limit`, with what it has. */
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
