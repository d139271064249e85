import { add, compare, divide, multiply, type Rational, rational, round, subtract } from "../time/rational.ts";

/** A time of the output and the time of the source that it shows. */
export interface TimePoint {
  /** Time of the output in seconds, from its beginning. */
  readonly output: Rational;
  /** Time of the source in seconds, from its first frame. */
  readonly source: Rational;
}

/** A time curve as straight lines, for streams that need not be exact: audio, subtitles, chapters. */
export interface TimeMap {
  /**
   * Ends of the lines, at least one: times of the output increase, times of the source do not decrease. Before the first, the speed is
   * 1; after the last, the last speed above 0 continues.
   */
  readonly points: readonly TimePoint[];
}

const MICROS = 1_000_000n;

/** Rounds seconds to microseconds. */
export function rounded({ num, den }: Rational): Rational {
  return rational(round({ num: num * MICROS, den }), MICROS);
}

/** Returns the speed of the source after the last point, and before the first one. */
function speedAfter(points: readonly TimePoint[]): Rational {
  const [a, b] = [points.at(-2), points.at(-1)];
  if (!a || !b || compare(b.source, a.source) <= 0) return rational(1);
  return divide(subtract(b.source, a.source), subtract(b.output, a.output));
}

/** Finds the last point for which `isBefore` is true; −1 if there is none. */
function lastIndex(points: readonly TimePoint[], isBefore: (point: TimePoint) => boolean): number {
  let low = -1, high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isBefore(points[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Returns the first time of the output that shows a time of the source. */
export function outputTimeOf({ points }: TimeMap, source: Rational): Rational {
  const index = lastIndex(points, (point) => compare(point.source, source) < 0),
    [a, b] = [points[index], points[index + 1]];
  if (!a) return add(points[0]!.output, subtract(source, points[0]!.source));
  if (!b) return add(a.output, divide(subtract(source, a.source), speedAfter(points)));
  const part = divide(subtract(source, a.source), subtract(b.source, a.source));
  return add(a.output, multiply(subtract(b.output, a.output), part));
}

/** Returns the time of the source that is shown at a time of the output. */
export function sourceTimeOf({ points }: TimeMap, output: Rational): Rational {
  const index = lastIndex(points, (point) => compare(point.output, output) <= 0),
    [a, b] = [points[index], points[index + 1]];
  if (!a) return add(points[0]!.source, subtract(output, points[0]!.output));
  if (!b) return add(a.source, multiply(subtract(output, a.output), speedAfter(points)));
  const part = divide(subtract(output, a.output), subtract(b.output, a.output));
  return add(a.source, multiply(subtract(b.source, a.source), part));
}
