import { UsageError } from "../errors.ts";
import { parseRational, parseTime } from "../time/parse.ts";
import { compare, divide, multiply, type Rational, rational, subtract } from "../time/rational.ts";
import { pieceCurve, type TimeCurve } from "./curve.ts";
import { PieceList, type SpeedCurve } from "./speed.ts";

/** A part of the source that plays slower, or faster. */
export interface SlowRange {
  /** Start in seconds from the first frame. */
  readonly from: Rational;
  /** End in seconds from the first frame, after `from`. */
  readonly to: Rational;
  /** How many times slower it plays, from 1/1000 to 1000; below 1 it plays faster. */
  readonly factor: Rational;
}

/** Default duration of {@linkcode slowCurve}'s ramps, in seconds of the source. */
export const EASE: Rational = rational(1, 2);

const ONE = rational(1), LIMIT = rational(1000);

function refuse(problem: string): never {
  throw new UsageError(`\`slow\` ${problem}`, { option: "slow" });
}

/**
 * Parses a value of the option `slow`, such as `1:02-1:10=8`.
 *
 * @throws {UsageError} If the text is not a range and a factor.
 *
 * @example
 * ```ts
 * import { parseSlow } from "@slomo/core/retime";
 * import { rational } from "@slomo/core/time";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseSlow("1:02-1:10=8"), { from: rational(62), to: rational(70), factor: rational(8) });
 * ```
 */
export function parseSlow(text: string): SlowRange {
  const [, start = "", end = "", by = ""] = /^([^-=]*)-([^-=]*)=([^-=]*)$/.exec(text) ?? [];
  const from = parseTime(start), to = parseTime(end), factor = parseRational(by);
  if (!from || !to || !factor) {
    refuse(`must be a range of times and a factor, such as 1:02-1:10=8 or 10-20=0.5, got "${text}"`);
  }
  return { from, to, factor };
}

/** Returns a range as the user writes it. */
function textOf({ from, to, factor }: SlowRange): string {
  const text = ({ num, den }: Rational) => `${Math.round(Number(num) * 1000 / Number(den)) / 1000}`;
  return `${text(from)}-${text(to)}=${text(factor)}`;
}

const earlier = (a: Rational, b: Rational): Rational => compare(a, b) <= 0 ? a : b;

/** @throws {UsageError} If a range is not possible, or two overlap. */
function checkRanges(ranges: readonly SlowRange[]): void {
  for (const [index, range] of ranges.entries()) {
    const { from, to, factor } = range, next = ranges[index + 1];
    if (from.num < 0n || compare(from, to) >= 0) refuse(`${textOf(range)} must begin before it ends, at 0 or later`);
    if (factor.num === 0n) {
      refuse(
        `${textOf(range)} would never end: the factor must be above 0; to hold a frame, use \`retime\` with \`hold\``,
      );
    }
    if (compare(factor, divide(ONE, LIMIT)) < 0 || compare(factor, LIMIT) > 0) {
      refuse(`${textOf(range)}: the factor must be from 0.001 to 1000`);
    }
    if (next && compare(next.from, to) < 0) {
      refuse(`${textOf(range)} and ${textOf(next)} overlap; give each time one factor`);
    }
  }
}

/**
 * Creates the curve of a video that plays some ranges slower or faster, and the rest as it is. The speed changes smoothly before and after each range,
 * for `ease` seconds of the source, or half of the way to the next range if that is shorter.
 *
 * @param ranges In any order.
 * @param ease Seconds of the source in which the speed changes, at least 0; 0 changes it at once. @default {1/2}
 * @throws {UsageError} If ranges are empty or overlap, or a factor is out of range.
 *
 * @example
 * ```ts
 * import { parseSlow, slowCurve } from "@slomo/core/retime";
 * import { rational } from "@slomo/core/time";
 * import assert from "node:assert/strict";
 *
 * const curve = slowCurve([parseSlow("2-4=4")], rational(0));
 * assert.deepEqual(curve.at(rational(6)), rational(3));
 * ```
 */
export function slowCurve(ranges: readonly SlowRange[], ease: Rational = EASE): TimeCurve {
  const sorted = ranges.toSorted((a, b) => compare(a.from, b.from));
  if (sorted.length === 0) refuse("must name at least one range, such as 1:02-1:10=8");
  if (ease.num < 0n) throw new UsageError("`ease` must be 0 or more seconds", { option: "ease" });
  checkRanges(sorted);
  const list = new PieceList();
  const play = (length: Rational, from: Rational, to: Rational, curve: SpeedCurve) => {
    if (length.num > 0n) list.play({ length, from, to, curve });
  };
  let speed: Rational | undefined;
  for (const { from, to, factor } of sorted) {
    const own = divide(ONE, factor), gap = subtract(from, list.source);
    // At the beginning of the video, one ramp has all of the room.
    const ramp = earlier(ease, speed ? multiply(gap, rational(1, 2)) : gap);
    if (speed) play(ramp, speed, ONE, "smooth");
    play(subtract(subtract(gap, ramp), speed ? ramp : rational(0)), ONE, ONE, "constant");
    play(ramp, ONE, own, "smooth");
    play(subtract(to, from), own, own, "constant");
    speed = own;
  }
  play(ease, speed!, ONE, "smooth");
  list.play({ length: undefined, from: ONE, to: ONE, curve: "constant" });
  const last = sorted.at(-1)!;
  return pieceCurve(list.pieces, { over: "source", named: { option: "slow", text: textOf(last), time: last.to } });
}
