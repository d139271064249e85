/** A sink that only lays out segments, for tests. */
import type { SegmentSink } from "../contracts/segments.ts";
import { multiply, type Rational, rational } from "../time/rational.ts";

/** Creates a sink that lays out segments; each frame is shown `late` seconds later. */
export function sinkOf(frames: number, late: Rational = rational(0)): SegmentSink {
  let first: Rational | undefined, last = rational(0);
  return {
    frames,
    facts: () => ({}),
    layout: () => ({
      add({ pts, timebase }) {
        last = multiply(rational(pts), timebase);
        if (late.num > 0n) last = { num: last.num * late.den + late.num * last.den, den: last.den * late.den };
        first ??= last;
        return last;
      },
      span: () => ({ first: first!, end: last }),
    }),
    record: (index) => `${index}.json`,
    has: () => Promise.resolve(false),
    write: () => Promise.resolve(),
    join: () => Promise.resolve(),
  };
}
