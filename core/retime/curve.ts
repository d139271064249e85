import { UsageError } from "../errors.ts";
import {
  add,
  compare,
  divide,
  format,
  multiply,
  type Rational,
  rational,
  subtract,
  toNumber,
} from "../time/rational.ts";
import { rounded, type TimeMap, type TimePoint } from "./time_map.ts";

/** A stretch of the output in which the time of the source is a polynomial of the time of the output. Monotone. */
export interface CurvePiece {
  /** Start in the output, in seconds. */
  readonly output: Rational;
  /** Duration in the output, in seconds, above 0; `undefined` if the piece lasts until the source ends. */
  readonly length: Rational | undefined;
  /** Time of the source at the start, in seconds from its first frame. */
  readonly source: Rational;
  /** Coefficients a₁, a₂, … : x seconds after its start, the piece shows the source at `source + a₁·x + a₂·x² + …`. */
  readonly terms: readonly Rational[];
  /** 1 if the source plays forward, −1 if it plays backward, 0 if one frame is held. */
  readonly direction: 1 | 0 | -1;
}

/** A longest part of a curve that does not change its direction. Held frames belong to the run before them. */
export interface CurveRun {
  /** Start in the output, in seconds. */
  readonly from: Rational;
  /** End in the output, in seconds, exclusive; `undefined` if it lasts until the source ends. */
  readonly to: Rational | undefined;
  /** 1 if the source plays forward, −1 if it plays backward. */
  readonly direction: 1 | -1;
  /** Lowest time of the source, in seconds from its first frame. */
  readonly low: Rational;
  /** Highest time of the source; `undefined` if the run lasts until the source ends. */
  readonly high: Rational | undefined;
}

/** A time that the user named, so that it can be checked against the length of the source. */
export interface NamedTime {
  /** The option. */
  readonly option: "slow" | "retime";
  /** The user's text about it. */
  readonly text: string;
  /** Latest time of the source, in seconds from its first frame. */
  readonly time: Rational;
}

/** Maps times of the output to times of the source. Times are exact. */
export interface TimeCurve {
  /**
   * `source`: speeds over the time of the source, of which a part can be used. `output`: the curve itself chooses the parts of
   * the source.
   */
  readonly over: "source" | "output";
  /** Duration of the output in seconds; `undefined` if it ends with the source. */
  readonly length: Rational | undefined;
  /** Its parts of one direction, in order. */
  readonly runs: readonly CurveRun[];
  /** Times of the output in seconds at which its pieces begin. */
  readonly borders: readonly Rational[];
  /** The latest time that the user named, if any. */
  readonly named: NamedTime | undefined;
  /**
   * Returns the time of the source in seconds from its first frame; `undefined` after the end.
   *
   * @param output Time of the output in seconds, at least 0.
   */
  at(output: Rational): Rational | undefined;
  /**
   * Returns the first time of the output, in seconds, at which the source has reached a time. Exact where the speed is constant,
   * otherwise at most a ten millionth of the piece later.
   *
   * @param source Time of the source in seconds, from the curve's start to its highest time.
   */
  reach(source: Rational): Rational;
  /**
   * Returns the curve as straight lines, within 2 ms of the output. Where the source plays backward, and until it has come back, the time
   * of the source stays.
   *
   * @param end End of the source in seconds, if it is known: curves from functions are sampled up to there.
   */
  map(end: Rational | undefined): TimeMap;
  /** Returns data that differ if the curve differs, for comparisons. */
  toJSON(): unknown;
}

const ZERO = rational(0);

/** Returns `a₁·x + a₂·x² + …`. */
function polynomial(terms: readonly Rational[], x: Rational): Rational {
  return terms.reduceRight((sum, term) => multiply(add(sum, term), x), ZERO);
}

/** Returns the time of the source `x` seconds after the start of a piece. */
export function inPiece({ source, terms }: CurvePiece, x: Rational): Rational {
  return add(source, polynomial(terms, x));
}

/** Returns the time of the source at the end of a piece; `undefined` if the piece has none. */
export function endOfPiece(piece: CurvePiece): Rational | undefined {
  return piece.length && inPiece(piece, piece.length);
}

function runsOf(pieces: readonly CurvePiece[]): CurveRun[] {
  const runs: CurveRun[] = [];
  for (const piece of pieces) {
    const { output, length, source, direction } = piece, end = endOfPiece(piece), last = runs.at(-1);
    const to = length && add(output, length);
    if (last && (direction === 0 || direction === last.direction)) {
      const edge = direction === 1 ? { high: end } : direction === -1 ? { low: end! } : {};
      runs[runs.length - 1] = { ...last, to, ...edge };
    } else if (direction === -1) runs.push({ from: output, to, direction, low: end!, high: source });
    else runs.push({ from: output, to, direction: 1, low: source, high: end });
  }
  return runs;
}

/** Steps into which {@linkcode TimeCurve.reach} divides a piece whose speed changes: 2 to this power. */
const REACH_BITS = 24n;

/** Finds the least time in a piece at which the source has reached a time. The piece plays forward and reaches it. */
function reachInPiece(piece: CurvePiece, source: Rational): Rational {
  const { terms, length } = piece;
  const isStraight = terms.slice(1).every(({ num }) => num === 0n);
  if (isStraight || !length) return add(piece.output, divide(subtract(source, piece.source), terms[0]!));
  let low = 0n, high = 1n << REACH_BITS;
  const at = (step: bigint) => multiply(length, rational(step, 1n << REACH_BITS));
  while (low < high) {
    const middle = (low + high) / 2n;
    if (compare(inPiece(piece, at(middle)), source) >= 0) high = middle;
    else low = middle + 1n;
  }
  return add(piece.output, at(low));
}

/** Largest error of {@linkcode TimeCurve.map} in seconds of the output. */
const MAP_TOLERANCE = 0.002;

/** Shortest line of a map, in seconds of the output. */
const MAP_STEP = 0.02;

/** Returns the ends of lines, in seconds after the start of a piece, that approximate it. */
function linesOf(piece: CurvePiece, length: Rational): Rational[] {
  const at = (x: Rational) => toNumber(inPiece(piece, x));
  const split = (from: Rational, to: Rational): Rational[] => {
    const duration = toNumber(subtract(to, from)), [start, end] = [at(from), at(to)];
    const isNear = [1, 2, 3].every((quarter) => {
      const x = add(from, multiply(subtract(to, from), rational(quarter, 4)));
      const line = start + (end - start) * quarter / 4;
      return Math.abs(at(x) - line) <= MAP_TOLERANCE * Math.max(Math.abs(end - start) / duration, 1e-3);
    });
    if (isNear || duration < 2 * MAP_STEP) return [to];
    const middle = rounded(add(from, divide(subtract(to, from), rational(2))));
    return [...split(from, middle), ...split(middle, to)];
  };
  return split(ZERO, length);
}

/** Replaces times of the source below the highest so far by it: the first time that each is reached remains. */
function runningMaximum(points: readonly TimePoint[]): TimePoint[] {
  const result: TimePoint[] = [];
  let highest: Rational | undefined, before: TimePoint | undefined;
  for (const point of points) {
    const { output, source } = point;
    const isBelow = highest !== undefined && compare(source, highest) <= 0;
    if (!isBelow && before && highest && compare(before.source, highest) < 0) {
      // The line crosses the highest time so far.
      const part = divide(subtract(highest, before.source), subtract(source, before.source));
      result.push({
        output: rounded(add(before.output, multiply(subtract(output, before.output), part))),
        source: highest,
      });
    }
    result.push({ output, source: isBelow ? highest! : source });
    highest = isBelow ? highest : source;
    before = point;
  }
  return result.filter(({ output }, i) => i === 0 || compare(output, result[i - 1]!.output) > 0);
}

/**
 * Creates a curve of pieces.
 *
 * @param pieces In order, without gaps: each begins where the previous one ends, in the output and in the source. Only the last may
 * have no length.
 */
export function pieceCurve(
  pieces: readonly CurvePiece[],
  { over, named }: Pick<TimeCurve, "over" | "named">,
): TimeCurve {
  const last = pieces.at(-1)!, length = last.length && add(last.output, last.length);
  const pieceAt = (output: Rational): CurvePiece => {
    let low = 0, high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compare(pieces[middle]!.output, output) <= 0) low = middle;
      else high = middle - 1;
    }
    return pieces[low]!;
  };
  return {
    ...{ over, length, named, runs: runsOf(pieces), borders: pieces.map(({ output }) => output) },
    at(output) {
      if (length && compare(output, length) >= 0) return undefined;
      const piece = pieceAt(output);
      return inPiece(piece, subtract(output, piece.output));
    },
    reach(source) {
      const piece = pieces.find((piece) => {
        const end = endOfPiece(piece);
        return compare(piece.source, source) >= 0 || piece.direction === 1 && (!end || compare(end, source) >= 0);
      });
      if (!piece) return length!;
      return compare(piece.source, source) >= 0 ? piece.output : reachInPiece(piece, source);
    },
    map() {
      const points: TimePoint[] = [{ output: ZERO, source: rounded(pieces[0]!.source) }];
      for (const piece of pieces) {
        // The last line continues.
        const ends = piece.length ? linesOf(piece, piece.length) : [rational(1)];
        for (const x of ends) {
          points.push({ output: rounded(add(piece.output, x)), source: rounded(inPiece(piece, x)) });
        }
      }
      return { points: runningMaximum(points) };
    },
    toJSON: () => pieces,
  };
}

/** Longest time in seconds of the output for which a function may return one time. */
const LONGEST_FREEZE = 600;

/** Steps per second in which a function is sampled for audio, subtitles and chapters. */
const SAMPLES = 50n;

/** Seconds of the output for which a function is sampled at most. */
const LONGEST_OUTPUT = 14_400n;

function refuse(problem: string): never {
  throw new UsageError(`\`retime\`: ${problem}`, { option: "retime" });
}

/**
 * Creates a curve from a function. The output ends where the function returns `undefined`, or where the source ends.
 *
 * @param retime Returns the time of the source, in seconds from its first frame, for a time of the output in seconds. Later times of the output
 * must not have earlier times of the source. Called for increasing times, and again for times before.
 * @throws {UsageError} If the function does not return a rational number, or a negative one for 0.
 *
 * @example
 * ```ts
 * import { functionCurve } from "@slomo/core/retime";
 * import { multiply, rational } from "@slomo/core/time";
 * import assert from "node:assert/strict";
 *
 * const half = functionCurve((time) => multiply(time, rational(1, 2)));
 * assert.deepEqual(half.at(rational(3)), rational(3, 2));
 * ```
 */
export function functionCurve(retime: (time: Rational) => Rational | undefined): TimeCurve {
  let before: { readonly output: Rational; readonly source: Rational } | undefined;
  let since: Rational | undefined;
  const at = (output: Rational): Rational | undefined => {
    const source = retime(output);
    if (source === undefined) return undefined;
    if (typeof source?.num !== "bigint" || typeof source.den !== "bigint" || source.den <= 0n) {
      refuse("the function must return a rational number of seconds, such as rational(5, 2)");
    }
    if (source.num < 0n) refuse(`the function returns a negative time for ${toNumber(output)} s; start at 0 or later`);
    if (before && compare(output, before.output) > 0) {
      const step = compare(source, before.source);
      if (step < 0) {
        refuse(
          `the function goes back at ${toNumber(output)} s; to play backward, give keyframes of \`position\` instead`,
        );
      }
      since = step === 0 ? since ?? before.output : undefined;
      if (since && toNumber(subtract(output, since)) > LONGEST_FREEZE) {
        refuse(`the function holds ${toNumber(source)} s for more than ${LONGEST_FREEZE} s; return undefined to end`);
      }
    } else since = undefined;
    before = { output, source };
    return source;
  };
  const low = at(ZERO) ?? refuse("the function returns undefined for 0 s; return the first time of the source");
  const sampled = (end: Rational | undefined, rate = SAMPLES): TimePoint[] => {
    const points: TimePoint[] = [];
    for (let i = 0n; i < LONGEST_OUTPUT * rate; i++) {
      const output = rational(i, rate), source = retime(output);
      if (source === undefined) break;
      points.push({ output: rounded(output), source: rounded(source) });
      if (end !== undefined && compare(source, end) >= 0) break;
    }
    return points;
  };
  return {
    ...{ over: "output", length: undefined, named: undefined, borders: [ZERO], at },
    runs: [{ from: ZERO, to: undefined, direction: 1, low, high: undefined }],
    reach(source) {
      let high = 1n;
      const reaches = (units: bigint) => {
        const found = at(rational(units, 1000n));
        return found === undefined || compare(found, source) >= 0;
      };
      while (!reaches(high)) high *= 2n;
      let below = high / 2n;
      while (below < high) {
        const middle = (below + high) / 2n;
        if (reaches(middle)) high = middle;
        else below = middle + 1n;
      }
      return rational(high, 1000n);
    },
    map: (end) => ({ points: straightened(sampled(end)) }),
    // Closures cannot be compared, so their values are.
    toJSON: () => straightened(sampled(undefined, 2n)).map(({ output, source }) => [format(output), format(source)]),
  };
}

/** Leaves out points that lie on the line between their neighbors, within the tolerance of maps. */
function straightened(points: readonly TimePoint[]): TimePoint[] {
  if (points.length < 3) return [...points];
  const kept: TimePoint[] = [points[0]!];
  const [x, y] = [(point: TimePoint) => toNumber(point.output), (point: TimePoint) => toNumber(point.source)];
  // Slopes of lines from the last kept point that pass all later points closely enough.
  let least = -Infinity, most = Infinity;
  for (let i = 1; i < points.length; i++) {
    const from = kept.at(-1)!, point = points[i]!, run = x(point) - x(from), rise = y(point) - y(from);
    const slope = rise / run, margin = MAP_TOLERANCE * Math.max(slope, 1e-3) / run;
    if (slope >= least && slope <= most) {
      [least, most] = [Math.max(least, slope - margin), Math.min(most, slope + margin)];
    } else {
      kept.push(points[i - 1]!);
      const start = points[i - 1]!, step = x(point) - x(start), next = (y(point) - y(start)) / step;
      const own = MAP_TOLERANCE * Math.max(next, 1e-3) / step;
      [least, most] = [next - own, next + own];
    }
  }
  return [...kept, points.at(-1)!];
}
