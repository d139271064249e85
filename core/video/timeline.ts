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

/** How output times follow from the source's. */
export type Sampling =
  /** So many output frames for each frame of the source; each interval of the source is divided evenly. */
  | { readonly kind: "factor"; readonly factor: Rational }
  /** Output frame i stands at i / fps from the first time stamp. */
  | { readonly kind: "fps"; readonly fps: Rational };

/** What a {@linkcode Timeline} is made of. */
export interface TimelineOptions {
  /** Where the output frames lie. */
  readonly sampling: Sampling;
  /** How many times longer the video becomes: 1, or the factor in slow motion. */
  readonly slowdown: Rational;
  /** Whether the last frame is held for its own duration, as video wants and image files do not. */
  readonly holdLast: boolean;
}

/** One output frame: when it is shown and what it shows. */
export interface Slot {
  /** Presentation time in the timeline's time base. */
  readonly pts: bigint;
  /** Place between the two frames in [0, 1): 0 is the first of them itself. */
  readonly t: Rational;
}

/** The times of a frame, in seconds. */
interface Stamp {
  readonly index: bigint;
  readonly time: Rational;
}

const ONE = rational(1);

/** The times of a video's output frames, pair by pair. Exact: no float is involved. */
export interface Timeline {
  /** Seconds a unit of the slots' `pts`. */
  readonly timebase: Rational;
  /** Output frames from the time of `first` to before that of `second`, the source's next frame. */
  between(first: Frame, second: Frame): Slot[];
  /**
   * Output frames from the time of the last frame on, over its `duration` in seconds: all show it.
   * At least one, so that the last frame is never lost.
   */
  end(last: Frame, duration: Rational): Slot[];
  /** As `between`, over the last frame's duration, towards the first frame: the seam of a loop. */
  loopPair(last: Frame, duration: Rational): Slot[];
}

/** The time of a frame in seconds. */
export function timeOf(frame: Frame): Rational {
  return multiply(rational(frame.pts), frame.timebase);
}

/** The time base that holds all output times of a video whose own time base is `timebase`. */
export function timelineUnit(timebase: Rational, sampling: Sampling, slowdown: Rational): Rational {
  const unit = sampling.kind === "fps"
    ? commonUnit(timebase, divide(ONE, sampling.fps))
    : rational(timebase.num, timebase.den * sampling.factor.num);
  return commonUnit(multiply(unit, slowdown), timebase);
}

/**
 * The timeline of a video that begins with `first`; its methods are called in the video's order, once a frame.
 *
 * @param first The first frame; its time stamp stays as it is, in slow motion too.
 */
export function createTimeline(first: Frame, { sampling, slowdown, holdLast }: TimelineOptions): Timeline {
  const start = timeOf(first);
  const timebase = timelineUnit(first.timebase, sampling, slowdown);
  let index = 0n, next = 0n;

  const toPts = (time: Rational): bigint => {
    const stretched = add(start, multiply(subtract(time, start), slowdown));
    return divide(stretched, timebase).num;
  };

  /** Slots in [from, from + duration), of which the source's frame `from.index` is the first. */
  function fill(from: Stamp, duration: Rational): Slot[] {
    const slots: Slot[] = [];
    const emit = (t: Rational) => slots.push({ t, pts: toPts(add(from.time, multiply(t, duration))) });
    if (sampling.kind === "factor") {
      const step = divide(ONE, sampling.factor);
      for (let i = ceil(multiply(rational(from.index), sampling.factor));; i++) {
        const t = subtract(multiply(rational(i), step), rational(from.index));
        if (compare(t, ONE) >= 0) return slots;
        emit(t);
      }
    }
    for (;; next++) {
      const t = divide(subtract(add(start, divide(rational(next), sampling.fps)), from.time), duration);
      if (compare(t, ONE) >= 0) return slots;
      emit(t);
    }
  }

  const stamp = (frame: Frame): Stamp => ({ index: index++, time: timeOf(frame) });
  return {
    timebase,
    between: (a, b) => fill(stamp(a), subtract(timeOf(b), timeOf(a))),
    loopPair: (last, duration) => fill(stamp(last), duration),
    end(last, duration) {
      const from = stamp(last);
      const held = fill(from, duration);
      if (!holdLast) return held.filter(({ t }) => t.num === 0n).concat(held[0]?.t.num === 0n ? [] : atLast(from));
      return held.length > 0 ? held : atLast(from);
    },
  };

  function atLast({ time }: Stamp): Slot[] {
    return [{ pts: toPts(time), t: rational(0) }];
  }
}
