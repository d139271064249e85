import { compare, divide, multiply, type Rational, rational, subtract } from "../time/rational.ts";
import { LONGEST_HOLD } from "./fill_duplicates.ts";
import type { Interval } from "./intervals.ts";

/** Number of intervals before and after a long one that it is compared with. */
const NEIGHBORS = 4;

/** How many times longer than its neighbors a pause is. */
const PAUSE_RATIO = rational(4);

/** Returns the lower quartile of the durations, so that several pauses near each other count as pauses too. */
function normalStep(durations: readonly Rational[]): Rational | undefined {
  return durations.toSorted(compare)[Math.floor(durations.length / 4)];
}

/** Divides an interval: the first frame is held until `step` before the second one. */
function holdFirst({ first, second, duration, outputs, timebase }: Interval, step: Rational): Interval[] {
  const held = subtract(duration, step), at = (t: Rational) => subtract(multiply(t, duration), held);
  const isHeld = ({ t }: Interval["outputs"][number]) => at(t).num <= 0n;
  return [
    {
      ...{ first, second: first, duration: held, timebase },
      outputs: outputs.filter(isHeld).map((output) => ({ ...output, t: rational(0) })),
    },
    {
      ...{ first, second, duration: step, timebase },
      outputs: outputs.filter((output) => !isHeld(output)).map((output) => ({
        ...output,
        t: divide(at(output.t), step),
      })),
    },
  ];
}

/**
 * Divides intervals that are pauses: longer than {@linkcode LONGEST_HOLD}, and four times longer than those around. The first
 * frame of a pause is held until a normal step before the second one, as in a video at a constant rate, whose frames would
 * repeat. Output frames stay at their times. A video that is slow throughout has no pauses.
 */
export async function* holdPauses(intervals: AsyncIterable<Interval>): AsyncGenerator<Interval> {
  let before: Rational[] = [], waiting: Interval[] = [];
  const place = (interval: Interval, after: readonly Interval[]): Interval[] => {
    const { first, second, duration } = interval, isEnd = second === first;
    const later = after.filter(({ first, second }) => second !== first).slice(0, NEIGHBORS);
    const step = normalStep([...before, ...later.map(({ duration }) => duration)]);
    before = [...before, duration].slice(-NEIGHBORS);
    const isPause = !isEnd && step !== undefined && compare(duration, LONGEST_HOLD) > 0 &&
      compare(duration, multiply(step, PAUSE_RATIO)) > 0;
    return isPause ? holdFirst(interval, step) : [interval];
  };
  for await (const interval of intervals) {
    waiting.push(interval);
    while (waiting[0] && (waiting.length > NEIGHBORS || compare(waiting[0].duration, LONGEST_HOLD) <= 0)) {
      yield* place(waiting[0], waiting = waiting.slice(1));
    }
  }
  while (waiting[0]) yield* place(waiting[0], waiting = waiting.slice(1));
}
