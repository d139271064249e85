import { DUPLICATE_WINDOW } from "../frames/duplicates.ts";
import { add, compare, divide, multiply, type Rational, rational } from "../time/rational.ts";
import type { Interval } from "./intervals.ts";

/** Maximum time in seconds for which content stays the same and is interpolated; longer stills are intended. */
export const LONGEST_HOLD: Rational = rational(1, 3);

const totalOf = (intervals: readonly Interval[]) =>
  intervals.reduce((sum, { duration }) => add(sum, duration), rational(0));

/** Merges consecutive intervals into one with the same output frames, each at its time within the merged interval. */
function merge(intervals: readonly Interval[]): Interval {
  const [{ first, timebase }, { second }] = [intervals[0]!, intervals.at(-1)!], duration = totalOf(intervals);
  let elapsed = rational(0);
  const outputs = intervals.flatMap((interval) => {
    const start = elapsed;
    elapsed = add(elapsed, interval.duration);
    return interval.outputs.map((output) => ({
      ...output,
      t: divide(add(start, multiply(output.t, interval.duration)), duration),
    }));
  });
  return { first, second, duration, outputs, timebase };
}

/**
 * Merges the intervals that duplicate frames (`facts.duplicate`) divide, so that they are replaced by interpolated frames.
 * Output frames and their times stay the same. Content that stays the same for more than {@linkcode LONGEST_HOLD}, up to a
 * scene cut, or to the end of the video is left as it is.
 */
export async function* fillDuplicates(intervals: AsyncIterable<Interval>): AsyncGenerator<Interval> {
  let run: Interval[] = [], isStill = false;
  for await (const interval of intervals) {
    const { first, second } = interval, isEnd = second === first;
    const isDuplicate = second.facts.duplicate === true && !second.facts.cut && !isEnd;
    if (isStill) {
      isStill = isDuplicate;
      yield interval;
      continue;
    }
    run.push(interval);
    const isTooLong = run.length > DUPLICATE_WINDOW || compare(totalOf(run), LONGEST_HOLD) > 0;
    if (isDuplicate && !isTooLong) continue;
    isStill = isDuplicate;
    const canMove = !isTooLong && !second.facts.cut && !second.facts.pair && !isEnd;
    if (canMove && run.length > 1) yield merge(run);
    else yield* run;
    run = [];
  }
  yield* run;
}
