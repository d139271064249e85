import type { Frame } from "../contracts/frame.ts";
import { commonUnit, compare, divide, multiply, type Rational, rational, round, subtract } from "../time/rational.ts";
import { timeOf } from "./timeline.ts";

/** Whether time stamps of this unit cannot hold the rate exactly, as milliseconds cannot hold 24000/1001. */
function isCoarse(timebase: Rational, rate: Rational): boolean {
  return compare(commonUnit(timebase, divide(rational(1), rate)), timebase) !== 0;
}

const magnitude = (a: Rational): Rational => a.num < 0n ? rational(-a.num, a.den) : a;

/**
 * Undoes the rounding of time stamps by a container with a coarse clock: a stamp within one unit of a whole number of
 * frames from the first one is put there exactly, one on each. Others (a variable rate, whatever the header says) stay as
 * they are.
 *
 * @param rate The constant rate of which the header speaks.
 */
export async function* regularizeTimestamps(frames: AsyncIterable<Frame>, rate: Rational): AsyncGenerator<Frame> {
  let start: Rational | undefined, last = -1n;
  for await (const frame of frames) {
    const time = timeOf(frame);
    start ??= time;
    if (!isCoarse(frame.timebase, rate)) {
      yield frame;
      continue;
    }
    const timebase = commonUnit(frame.timebase, divide(rational(1), rate));
    const count = round(multiply(subtract(time, start), rate));
    const exact = divide(rational(count), rate);
    const isNear = count > last && compare(magnitude(subtract(subtract(time, start), exact)), frame.timebase) <= 0;
    if (isNear) last = count;
    const shown = isNear ? { num: start.num * exact.den + exact.num * start.den, den: start.den * exact.den } : time;
    const toBase = (seconds: Rational) => round(divide(seconds, timebase));
    const duration = frame.duration === undefined
      ? undefined
      : isNear
      ? toBase(divide(rational(1), rate))
      : toBase(multiply(rational(frame.duration), frame.timebase));
    yield { ...frame, timebase, pts: toBase(shown), duration };
  }
}
