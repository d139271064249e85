import type { Frame } from "../contracts/frame.ts";
import { multiply, type Rational, rational, subtract } from "../time/rational.ts";
import { createTimeline, type Slot, type TimelineOptions, timeOf } from "./timeline.ts";

/** Two frames that follow each other, and the output frames from the first to before the second. */
export interface Step {
  /** The earlier frame. */
  readonly first: Frame;
  /** The later one; the video's first frame at the seam of a loop, `first` itself where the video ends. */
  readonly second: Frame;
  /** Seconds of the source from the first to the second. */
  readonly duration: Rational;
  /** The output frames. */
  readonly slots: readonly Slot[];
  /** Seconds a unit of the slots' `pts`. */
  readonly timebase: Rational;
}

/** How {@linkcode stepsOf} lays a video out. */
export interface StepOptions extends TimelineOptions {
  /** Whether the last frame moves on into the first. */
  readonly loop: boolean;
}

/** How long the last frame is shown: its own duration, or that of the one before. */
function lastDuration(last: Frame, previous: Frame | undefined): Rational {
  if (last.duration !== undefined && last.duration > 0n) return multiply(rational(last.duration), last.timebase);
  return previous ? subtract(timeOf(last), timeOf(previous)) : last.timebase;
}

/** A video from frame to frame, with all of its output frames. Reads one frame ahead. */
export async function* stepsOf(frames: AsyncIterable<Frame>, options: StepOptions): AsyncGenerator<Step> {
  let first: Frame | undefined, previous: Frame | undefined, last: Frame | undefined;
  let timeline: ReturnType<typeof createTimeline> | undefined;
  for await (const frame of frames) {
    first ??= frame;
    timeline ??= createTimeline(frame, options);
    if (last) {
      const duration = subtract(timeOf(frame), timeOf(last));
      const slots = timeline.between(last, frame);
      yield { first: last, second: frame, duration, slots, timebase: timeline.timebase };
    }
    previous = last;
    last = frame;
  }
  if (!last || !first || !timeline) return;
  const duration = lastDuration(last, previous), { timebase } = timeline;
  if (options.loop && last !== first) {
    yield { first: last, second: first, duration, slots: timeline.loopPair(last, duration), timebase };
  } else {
    const slots = timeline.end(last, duration).map(({ pts }) => ({ pts, t: rational(0) }));
    yield { first: last, second: last, duration, slots, timebase };
  }
}
