import type { Frame } from "../contracts/frame.ts";
import {
  add,
  ceil,
  commonUnit,
  compare,
  divide,
  multiply,
  type Rational,
  rational,
  subtract,
} from "../time/rational.ts";

/** The times of the output frames. */
export type Sampling =
  /** `factor` output frames per source frame: each interval between source frames is divided evenly. */
  | { readonly kind: "factor"; readonly factor: Rational }
  /** Output frame i is shown at i / fps seconds from the first timestamp. */
  | { readonly kind: "fps"; readonly fps: Rational };

/** Options of {@linkcode createTimeline}. */
export interface TimelineOptions {
  /** The times of the output frames. */
  readonly sampling: Sampling;
  /** How many times longer the video becomes: 1, or the factor in slow motion. */
  readonly slowdown: Rational;
  /** Whether the last frame is shown for its own duration: true for video, false for image files. */
  readonly holdLast: boolean;
}

/** Timestamp of an output frame, and its time between two source frames. */
export interface OutputTime {
  /** Presentation time in the timeline's time base. */
  readonly pts: bigint;
  /** Time between the two source frames in [0, 1); 0 is the first of them. */
  readonly t: Rational;
}

/** A source frame's number and its time in seconds. */
interface SourceTime {
  readonly index: bigint;
  readonly time: Rational;
}

const ONE = rational(1);

/** The times of a video's output frames, for one frame pair after another. Exact: all values are rational. */
export interface Timeline {
  /** Time base of the outputs' `pts`. */
  readonly timebase: Rational;
  /** Returns the output frames from the time of `first` up to that of `second`, the next source frame. */
  between(first: Frame, second: Frame): OutputTime[];
  /**
   * Returns the output frames during the last frame's `duration` in seconds, all of which show it; at least one, so that the
   * last frame is never dropped.
   */
  end(last: Frame, duration: Rational): OutputTime[];
  /** Returns the output frames during the last frame's duration, in a loop between the last frame and the first. */
  loopPair(last: Frame, duration: Rational): OutputTime[];
}

/** Returns the time of a frame in seconds. */
export function timeOf(frame: Frame): Rational {
  return multiply(rational(frame.pts), frame.timebase);
}

/**
 * Returns the time base of a video's output frames, which represents all their times exactly.
 *
 * @param timebase Time base of the source frames.
 */
export function outputTimebase(timebase: Rational, sampling: Sampling, slowdown: Rational): Rational {
  const unit = sampling.kind === "fps"
    ? commonUnit(timebase, divide(ONE, sampling.fps))
    : rational(timebase.num, timebase.den * sampling.factor.num);
  return commonUnit(multiply(unit, slowdown), timebase);
}

/**
 * Creates the timeline of a video that begins with `first`. Its methods are called in the video's order, once per frame.
 *
 * @param first The first frame; its timestamp is kept, also in slow motion.
 */
export function createTimeline(first: Frame, { sampling, slowdown, holdLast }: TimelineOptions): Timeline {
  const start = timeOf(first);
  const timebase = outputTimebase(first.timebase, sampling, slowdown);
  let index = 0n, next = 0n;

  const toPts = (time: Rational): bigint => {
    const stretched = add(start, multiply(subtract(time, start), slowdown));
    return divide(stretched, timebase).num;
  };

  /** Returns the outputs in [from, from + duration), the first of which is source frame `from.index`. */
  function fill(from: SourceTime, duration: Rational): OutputTime[] {
    const outputs: OutputTime[] = [];
    const emit = (t: Rational) => outputs.push({ t, pts: toPts(add(from.time, multiply(t, duration))) });
    if (sampling.kind === "factor") {
      const step = divide(ONE, sampling.factor);
      for (let i = ceil(multiply(rational(from.index), sampling.factor));; i++) {
        const t = subtract(multiply(rational(i), step), rational(from.index));
        if (compare(t, ONE) >= 0) return outputs;
        emit(t);
      }
    }
    for (;; next++) {
      const t = divide(subtract(add(start, divide(rational(next), sampling.fps)), from.time), duration);
      if (compare(t, ONE) >= 0) return outputs;
      emit(t);
    }
  }

  const sourceTime = (frame: Frame): SourceTime => ({ index: index++, time: timeOf(frame) });
  return {
    timebase,
    between: (a, b) => fill(sourceTime(a), subtract(timeOf(b), timeOf(a))),
    loopPair: (last, duration) => fill(sourceTime(last), duration),
    end(last, duration) {
      const from = sourceTime(last);
      const outputs = fill(from, duration);
      if (!holdLast) {
        return outputs.filter(({ t }) => t.num === 0n).concat(outputs[0]?.t.num === 0n ? [] : atLast(from));
      }
      return outputs.length > 0 ? outputs : atLast(from);
    },
  };

  function atLast({ time }: SourceTime): OutputTime[] {
    return [{ pts: toPts(time), t: rational(0) }];
  }
}
