import type { Frame } from "../contracts/frame.ts";
import { multiply, type Rational, rational, subtract } from "../time/rational.ts";
import { createTimeline, type OutputTime, type TimelineOptions, timeOf } from "./timeline.ts";

/** Two consecutive source frames, and the output frames from the first up to the second. */
export interface Interval {
  /** The earlier frame. */
  readonly first: Frame;
  /** The later frame; the video's first frame where a loop closes, `first` itself at the end of the video. */
  readonly second: Frame;
  /** Seconds of the source from the first frame to the second. */
  readonly duration: Rational;
  /** Times of the output frames. */
  readonly outputs: readonly OutputTime[];
  /** Time base of the outputs' `pts`. */
  readonly timebase: Rational;
  /** Whether the source plays backward, so that the outputs descend from the second frame to the first. */
  readonly isReversed?: boolean;
}

/** Options of {@linkcode intervalsOf}. */
export interface IntervalOptions extends TimelineOptions {
  /** Whether the last frame is followed by the first. */
  readonly loop: boolean;
}

/** Returns the duration of the last frame: its own, or the distance from the previous frame. */
function lastDuration(last: Frame, previous: Frame | undefined): Rational {
  if (last.duration !== undefined && last.duration > 0n) return multiply(rational(last.duration), last.timebase);
  return previous ? subtract(timeOf(last), timeOf(previous)) : last.timebase;
}

/** Yields the intervals of a video with all its output times. Reads one frame ahead. */
export async function* intervalsOf(frames: AsyncIterable<Frame>, options: IntervalOptions): AsyncGenerator<Interval> {
  let first: Frame | undefined, previous: Frame | undefined, last: Frame | undefined;
  let timeline: ReturnType<typeof createTimeline> | undefined;
  for await (const frame of frames) {
    first ??= frame;
    timeline ??= createTimeline(frame, options);
    if (last) {
      const duration = subtract(timeOf(frame), timeOf(last));
      const outputs = timeline.between(last, frame);
      yield { first: last, second: frame, duration, outputs, timebase: timeline.timebase };
      if (timeline.isDone()) return;
    }
    previous = last;
    last = frame;
  }
  if (!last || !first || !timeline) return;
  const duration = lastDuration(last, previous), { timebase } = timeline;
  if (options.loop && last !== first) {
    yield { first: last, second: first, duration, outputs: timeline.loopPair(last, duration), timebase };
  } else {
    const outputs = timeline.end(last, duration).map((output) => ({ ...output, t: rational(0) }));
    yield { first: last, second: last, duration, outputs, timebase };
  }
}
