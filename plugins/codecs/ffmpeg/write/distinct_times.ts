import {
  add,
  commonUnit,
  compare,
  divide,
  format,
  multiply,
  type Rational,
  rational,
  round,
  subtract,
} from "@slomo/core/time";
import { type Frame, UsageError, type WriteOptions } from "@slomo/core";
import type { Container } from "./containers.ts";

/** Minimum distance of timestamps that segments keep: each stores its start in whole microseconds. */
const SEGMENT_STEP = rational(2, 1_000_000);

const greater = (a: Rational, b: Rational): Rational => compare(a, b) >= 0 ? a : b;

/** The times of a frame. */
export type TimedFrame = Pick<Frame, "pts" | "timebase" | "duration">;

/** Returns the timestamp of a frame in seconds. */
export const timeOf = ({ pts, timebase }: TimedFrame): Rational => multiply(rational(pts), timebase);

/**
 * Checks that the timestamps of a container are fine enough for a frame rate.
 *
 * @throws {UsageError} If not; the message names containers that are.
 */
export function checkRate(
  { name, step }: Container,
  { location, rate, meanRate = rate }: Pick<WriteOptions, "location" | "rate" | "meanRate">,
): void {
  if (!step || !meanRate || compare(meanRate, divide(rational(1), step)) <= 0) return;
  const most = divide(rational(1), step), others = name === "mpegts" ? ".mp4 or .mov" : ".mp4, .mov or .ts";
  throw new UsageError(
    `${location}: cannot store ${format(meanRate)} frames per second: the timestamps of ${name} allow ` +
      `${format(most)}; choose ${others}, or a lower \`factor\` or \`fps\``,
    { code: "encoder-failed" },
  );
}

/** Options of {@linkcode DistinctTimes}. */
export interface TimeResolution {
  /** Time base of the encoder. */
  readonly timebase: Rational;
  /** Resolution of the container. */
  readonly container: Pick<Container, "step" | "milliseconds">;
  /** Offset subtracted from output timestamps. */
  readonly origin: Rational;
}

/** Makes the stored timestamps of frames increase strictly: frames that would share one are moved to the next. */
export class DistinctTimes {
  /** Number of frames that were moved. */
  moved = 0;
  /** Longest time in seconds by which a frame was moved. */
  longest: Rational = rational(0);
  readonly #resolution: TimeResolution;
  #last: Rational | undefined;

  /** Creates it for one video. */
  constructor(resolution: TimeResolution) {
    this.#resolution = resolution;
  }

  /** Returns the next frame, later if its stored timestamp would not be above the previous one. */
  place<T extends TimedFrame>(frame: T): T {
    const time = timeOf(frame), least = this.#last && this.#after(this.#last, time);
    if (least === undefined) {
      this.#last = time;
      return frame;
    }
    this.#last = least;
    this.moved++;
    this.longest = greater(this.longest, subtract(least, time));
    const timebase = commonUnit(frame.timebase, rational(1n, least.den));
    const toUnits = (seconds: Rational) => divide(seconds, timebase).num;
    const duration = frame.duration === undefined
      ? undefined
      : toUnits(multiply(rational(frame.duration), frame.timebase));
    return { ...frame, pts: toUnits(least), timebase, duration };
  }

  /** Returns the earliest time that differs from `last` in the file, if `time` does not. */
  #after(last: Rational, time: Rational): Rational | undefined {
    const { timebase, container: { step, milliseconds }, origin } = this.#resolution;
    if (milliseconds && step) {
      // The encoder's timestamps are rounded again.
      const encoded = (time: Rational) => multiply(rational(round(divide(subtract(time, origin), timebase))), timebase);
      const stored = (time: Rational) => round(divide(encoded(time), step));
      const before = stored(last);
      return stored(time) > before ? undefined : add(multiply(rational(before + 1n), greater(step, timebase)), origin);
    }
    const least = add(last, greater(greater(timebase, step ?? timebase), SEGMENT_STEP));
    return compare(time, least) >= 0 ? undefined : least;
  }
}
