import type { Frame } from "../contracts/frame.ts";
import type { VideoInfo } from "../contracts/media.ts";
import { commonUnit, compare, divide, multiply, type Rational, rational, round, subtract } from "../time/rational.ts";
import { timeOf } from "./timeline.ts";

/**
 * Returns the time base of a video's frames after {@linkcode regularizeTimestamps}: its own, or a finer one if that cannot
 * represent a constant frame rate exactly, as milliseconds cannot represent 24000/1001.
 */
export function regularTimebase({ timebase, rate, constantRate }: VideoInfo): Rational {
  return constantRate ? commonUnit(timebase, divide(rational(1), rate)) : timebase;
}

const magnitude = (a: Rational): Rational => a.num < 0n ? rational(-a.num, a.den) : a;

/**
 * Undoes the rounding of timestamps in a container with a coarse time base: a timestamp within one tick of a whole number of
 * frames from the first is moved exactly there, at most one to each place. Other timestamps (a variable rate, even if the
 * header claims a constant one) are kept.
 *
 * @param rate The constant frame rate according to the header.
 * @param begin Time of the source's first frame in seconds. @default {that of the first frame}
 */
export async function* regularizeTimestamps(
  frames: AsyncIterable<Frame>,
  rate: Rational,
  begin?: Rational,
): AsyncGenerator<Frame> {
  let start = begin, last = -1n;
  for await (const frame of frames) {
    const time = timeOf(frame), timebase = commonUnit(frame.timebase, divide(rational(1), rate));
    start ??= time;
    if (compare(timebase, frame.timebase) === 0) {
      yield frame;
      continue;
    }
    const count = round(multiply(subtract(time, start), rate));
    const exact = divide(rational(count), rate);
    const isNear = count > last && compare(magnitude(subtract(subtract(time, start), exact)), frame.timebase) <= 0;
    if (isNear) last = count;
    const shown = isNear ? { num: start.num * exact.den + exact.num * start.den, den: start.den * exact.den } : time;
    const toUnits = (seconds: Rational) => round(divide(seconds, timebase));
    const duration = frame.duration === undefined
      ? undefined
      : isNear
      ? toUnits(divide(rational(1), rate))
      : toUnits(multiply(rational(frame.duration), frame.timebase));
    yield { ...frame, timebase, pts: toUnits(shown), duration };
  }
}
