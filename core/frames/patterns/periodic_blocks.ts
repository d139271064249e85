/** Detection of blocks whose texture repeats. */
import type { Luma, Vector } from "./luma.ts";

/** Side of the blocks in pixels. */
export const SIDE = 16;

/** Side of the windows around the blocks that are compared, in pixels; larger, as a block of wide stripes may be plain. */
const WINDOW = 20;

/** Shortest and longest lag in steps of its direction. */
const LAGS = [3, 36] as const;

/** Directions in which a texture may repeat. */
const DIRECTIONS: readonly Vector[] = [[1, 0], [0, 1], [1, 1], [-1, 1]];

/** Mean deviation below which a block has no texture, in intensity levels. */
const LEAST_TEXTURE = 5;

/** Difference of a block from itself one period away, as a share of its mean deviation: at most this. */
const SAME = 0.2;

/** Difference below which no better lag is searched. */
const IDENTICAL = 0.04;

/** Difference at a shorter lag: at least this, as edges and gradients do not repeat. */
const OTHER = 0.7;

/** Parts of a lag after which a block is examined that may have the lag of its neighbor. */
const PARTS = [1 / 2, 1 / 4, 1 / 6];

/**
 * Blocks whose column plus twice their row is a multiple of this are examined, and then the neighbors of those that repeat. Each
 * row and each column has such blocks.
 */
const SPARSE = 5;

/** Every how many pixels a block is sampled along both axes. */
const STEP = 2;

/** A texture of a block that repeats. */
export interface Period {
  /** Distance of two places at which the texture is the same. */
  readonly lag: Vector;
  /** Mean deviation of the block from its mean, in intensity levels. */
  readonly deviation: number;
}

/** The blocks of an image, row by row. Those at the right and at the bottom may be smaller. */
export interface PeriodicBlocks {
  readonly columns: number;
  readonly rows: number;
  /** One entry per block; `undefined` if its texture does not repeat. */
  readonly periods: readonly (Period | undefined)[];
}

/** Returns the mean deviation of a block from its mean. */
function deviationAt({ width, values }: Luma, left: number, top: number): number {
  let sum = 0, deviation = 0;
  const count = (WINDOW / STEP) ** 2;
  for (let y = 0; y < WINDOW; y += STEP) {
    for (let i = (top + y) * width + left, end = i + WINDOW; i < end; i += STEP) sum += values[i]!;
  }
  const mean = sum / count;
  for (let y = 0; y < WINDOW; y += STEP) {
    for (let i = (top + y) * width + left, end = i + WINDOW; i < end; i += STEP) {
      deviation += Math.abs(values[i]! - mean);
    }
  }
  return deviation / count;
}

/** Returns the sum of the absolute differences of a block from the one `offset` samples on; stops above `limit`. */
function differenceAt({ width, values }: Luma, start: number, offset: number, limit: number): number {
  let sum = 0;
  for (let y = 0; y < WINDOW; y += STEP) {
    // Odd columns in every second line, so that stripes of two pixels count.
    const first = start + y * width + (y & STEP ? 1 : 0);
    for (let i = first; i < first + WINDOW - 1; i += STEP) sum += Math.abs(values[i]! - values[i + offset]!);
    if (sum > limit) break;
  }
  return sum;
}

/** Returns the lag at which a block is most like itself in a direction, and the difference there. */
function bestLag(
  luma: Luma,
  [left, top]: Vector,
  [stepX, stepY]: Vector,
  deviation: number,
): readonly [lag: number, difference: number] | undefined {
  const { width, height } = luma, start = top * width + left, scale = (WINDOW / STEP) ** 2 * deviation;
  let best: [number, number] | undefined, isOther = false;
  for (let lag = 1; lag <= LAGS[1]; lag++) {
    const fits = [1, -1].find((sign) => {
      const x = left + sign * lag * stepX, y = top + sign * lag * stepY;
      return x >= 0 && y >= 0 && x + WINDOW <= width && y + WINDOW <= height;
    });
    if (fits === undefined) break;
    const limit: number = isOther ? best?.[1] ?? SAME : OTHER;
    const difference: number = differenceAt(luma, start, fits * lag * (stepY * width + stepX), limit * scale) / scale;
    if (!isOther) isOther = difference >= OTHER;
    else if (lag >= LAGS[0] && difference < (best?.[1] ?? SAME)) best = [lag, difference];
    if (best && best[1] < IDENTICAL) break;
  }
  return best;
}

/** Returns whether a block repeats after a lag, and not after parts of it. */
function repeatsAt(luma: Luma, [left, top]: Vector, [lagX, lagY]: Vector, deviation: number): boolean {
  const { width, height } = luma, start = top * width + left, scale = (WINDOW / STEP) ** 2 * deviation;
  const sign = [1, -1].find((sign) => {
    const x = left + sign * lagX, y = top + sign * lagY;
    return x >= 0 && y >= 0 && x + WINDOW <= width && y + WINDOW <= height;
  });
  if (sign === undefined) return false;
  const differs = (part: number, limit: number) => {
    const offset = sign * (Math.round(lagY * part) * width + Math.round(lagX * part));
    return differenceAt(luma, start, offset, limit * scale) >= limit * scale;
  };
  return !differs(1, SAME) && PARTS.some((part) => differs(part, OTHER));
}

function periodAt(luma: Luma, left: number, top: number, neighbor?: Period): Period | undefined {
  const deviation = deviationAt(luma, left, top);
  if (deviation < LEAST_TEXTURE) return undefined;
  if (neighbor && repeatsAt(luma, [left, top], neighbor.lag, deviation)) return { lag: neighbor.lag, deviation };
  let found: Period | undefined, least = SAME;
  for (const [x, y] of DIRECTIONS) {
    const best = bestLag(luma, [left, top], [x, y], deviation);
    if (best && best[1] < least) {
      found = { lag: [best[0] * x, best[0] * y], deviation };
      least = best[1];
      if (least < IDENTICAL) break;
    }
  }
  return found;
}

/** Finds the blocks whose texture repeats after 3 to 36 pixels along an axis or a diagonal; `undefined` if there are none. */
export function periodicBlocks(luma: Luma): PeriodicBlocks | undefined {
  const { width, height } = luma;
  if (width < WINDOW || height < WINDOW) return undefined;
  const columns = Math.ceil(width / SIDE), rows = Math.ceil(height / SIDE);
  const startAt = (block: number, size: number) =>
    Math.max(0, Math.min(size - WINDOW, block * SIDE - (WINDOW - SIDE) / 2));
  const periods = new Array<Period | undefined>(columns * rows).fill(undefined);
  const isKnown = new Uint8Array(periods.length), found: number[] = [];
  const examine = (column: number, row: number, neighbor?: Period) => {
    const block = row * columns + column;
    if (isKnown[block] === 1) return;
    isKnown[block] = 1;
    const period = periodAt(luma, startAt(column, width), startAt(row, height), neighbor);
    if (!period) return;
    periods[block] = period;
    found.push(block);
  };
  for (let row = 0; row < rows; row++) {
    for (let column = (SPARSE - 2 * row % SPARSE) % SPARSE; column < columns; column += SPARSE) examine(column, row);
  }
  for (let n = 0; n < found.length; n++) {
    const column = found[n]! % columns, row = (found[n]! - column) / columns;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        examine(x, y, periods[found[n]!]);
      }
    }
  }
  return found.length > 0 ? { columns, rows, periods } : undefined;
}
