import { add, compare, divide, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";
import type { TimeCurve } from "./curve.ts";

/** A point of a time curve, for charts and reports. */
export interface CurveSample {
  /** Time of the output in seconds. */
  readonly output: number;
  /** Time of the source in seconds from its first frame. */
  readonly source: number;
  /** Speed from here on: 1 is that of the source, 0 holds a frame, negative values play backward. */
  readonly speed: number;
  /** Whether another piece of the curve begins here. */
  readonly isBorder: boolean;
}

/** Seconds over which the speed of a sample is measured. */
const STEP = rational(1, 1_000_000);

/**
 * Samples a curve evenly, and where its pieces begin.
 *
 * @param end End of the source in seconds, at which a curve without a length ends.
 * @param count Number of even samples, at least 2. @default {200}
 * @returns The samples in order, with the end of the output as the last; none if the end is not known.
 */
export function sampleCurve(curve: TimeCurve, end: Rational | undefined, count = 200): CurveSample[] {
  const length = curve.length ?? (end && curve.reach(end));
  if (!length || length.num === 0n) return [];
  const last = subtract(length, multiply(STEP, rational(2)));
  const even = Array.from({ length: count }, (_, i) => divide(multiply(length, rational(i)), rational(count - 1)));
  const times = [...even, ...curve.borders.filter((time) => compare(time, length) < 0)].sort(compare);
  const isBorder = (time: Rational) => curve.borders.some((border) => compare(border, time) === 0);
  return times.filter((time, i) => i === 0 || compare(time, times[i - 1]!) > 0).flatMap((time) => {
    // After the end there is nothing.
    const at = compare(time, last) > 0 ? last : time, source = curve.at(at), next = curve.at(add(at, STEP));
    if (!source || !next) return [];
    const speed = toNumber(divide(subtract(next, source), STEP)),
      round = (value: number) => Math.round(value * 1e5) / 1e5;
    return [{
      output: round(toNumber(time)),
      source: round(toNumber(source)),
      speed: round(speed),
      isBorder: isBorder(time),
    }];
  });
}
