import { add, divide, multiply, type Rational, rational, subtract } from "@slomo/core/time";
import type { SegmentLayout, VideoSpan } from "@slomo/core";
import { decimal } from "../decimal.ts";
import { encoderTimebase } from "./command.ts";
import { DistinctTimes, type TimedFrame, timeOf } from "./distinct_times.ts";
import { type Placement, placeVideo } from "./placement.ts";
import type { WriteJob } from "./write_job.ts";

/** Returns the mapping of timestamps for a video whose first frame is shown at `first`. */
export function placementOf(job: WriteJob, first: Rational): Placement {
  const { options: { copy }, streams } = job, others = streams.copies.map(({ stream }) => stream);
  return placeVideo(first, encoderTimebase(job), copy, others);
}

/** The times of a video's frames as its container stores them. Frames are added in order. */
export class VideoTimes {
  readonly #job: WriteJob;
  #distinct: DistinctTimes | undefined;
  #first: Rational | undefined;
  #last: TimedFrame | undefined;
  #step = rational(0);

  /** Starts a video. */
  constructor(job: WriteJob) {
    this.#job = job;
  }

  /** Adds the next frame, and returns it with a time that the container can tell from the previous one. */
  place<T extends TimedFrame>(given: T): T {
    this.#distinct ??= new DistinctTimes({
      timebase: encoderTimebase(this.#job),
      container: this.#job.container,
      origin: placementOf(this.#job, timeOf(given)).origin,
    });
    const frame = this.#distinct.place(given);
    this.#step = this.#last ? subtract(timeOf(frame), timeOf(this.#last)) : frame.timebase;
    this.#first ??= timeOf(frame);
    this.#last = frame;
    return frame;
  }

  /** Returns the span of the video: up to the end of its last frame by its duration, the frame rate, or the previous frame. */
  span(): VideoSpan {
    const { rate } = this.#job.options, last = this.#last!;
    const shown = last.duration !== undefined
      ? multiply(rational(last.duration), last.timebase)
      : rate
      ? divide(rational(1), rate)
      : this.#step;
    return { first: this.#first!, end: add(timeOf(last), shown) };
  }

  /** Whether no frame was added. */
  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  /** Returns a warning about frames that are shown later because the container could not tell their timestamps apart. */
  warning(): string | undefined {
    const { container } = this.#job, { moved = 0, longest = rational(0) } = this.#distinct ?? {};
    if (moved === 0) return undefined;
    return `${moved} frames are shown up to ${decimal(longest, 4)} s later: their timestamps are closer than ` +
      `${container.name} can store`;
  }
}

/** Creates the layout of a video in segments. */
export function segmentLayout(job: WriteJob, onWarning?: (message: string) => void): SegmentLayout {
  const times = new VideoTimes(job);
  return {
    add: (frame) => timeOf(times.place(frame)),
    span() {
      const warning = times.warning();
      if (warning !== undefined) onWarning?.(warning);
      return times.span();
    },
  };
}
