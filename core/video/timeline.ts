import type { Frame } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import type { TimeCurve } from "../retime/curve.ts";
import {
  add,
  ceil,
  commonUnit,
  compare,
  divide,
  floor,
  multiply,
  type Rational,
  rational,
  subtract,
} from "../time/rational.ts";
import { type OutputMoment, outputMoments } from "./output_moments.ts";

/** The times of the output frames. */
export type Sampling =
  /** `factor` output frames per source frame: each interval between source frames is divided evenly. */
  | { readonly kind: "factor"; readonly factor: Rational }
  /** Output frame i is shown at i / fps seconds from the first timestamp. */
  | { readonly kind: "fps"; readonly fps: Rational }
  /** Output frame i is shown at i / fps seconds, and shows the source at the time of a curve. */
  | {
    readonly kind: "curve";
    /** Frames per second. @default {the rate of the source} */
    readonly fps?: Rational | undefined;
    /** Maps times of the output to times of the source. */
    readonly curve: TimeCurve;
  };

/** Options of {@linkcode createTimeline}. */
export interface TimelineOptions {
  /** The times of the output frames. */
  readonly sampling: Sampling;
  /** How many times longer the video becomes: 1, or the factor in slow motion. */
  readonly slowdown: Rational;
  /** Whether the last frame is shown for its own duration: true for video, false for image files. */
  readonly holdLast: boolean;
  /** Time in seconds of the source's first frame, from which curves count. @default {the first frame's} */
  readonly origin?: Rational | undefined;
  /** Angle of the shutter in degrees, for samplings other than by factor. @default {0} */
  readonly shutter?: number | undefined;
  /** The output frames of a part of a curve, by rising times of the source. @default {those of the whole video} */
  readonly moments?: Iterator<OutputMoment> | undefined;
}

/** Timestamp of an output frame, and its time between two source frames. */
export interface OutputTime {
  /** Presentation time in the timeline's time base. */
  readonly pts: bigint;
  /** Time between the two source frames in [0, 1); 0 is the first of them. */
  readonly t: Rational;
  /** Whether it is before or after the middle of the exposure of its frame. */
  readonly isSide?: boolean;
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
  /** Returns whether the video has ended, although there may be more source frames. */
  isDone(): boolean;
}

/** Returns the time of a frame in seconds. */
export function timeOf(frame: Frame): Rational {
  return multiply(rational(frame.pts), frame.timebase);
}

/** Returns the output frame rate of a sampling other than by factor, for a video that begins with a frame. */
export function rateOf(sampling: Exclude<Sampling, { kind: "factor" }>, first: Frame): Rational {
  if (sampling.fps) return sampling.fps;
  if (first.duration) return divide(ONE, multiply(rational(first.duration), first.timebase));
  throw new UsageError("`fps` must be given: the first frame has no duration, so the rate of the source is unknown", {
    option: "fps",
  });
}

/**
 * Returns the time base of a video's output frames, which represents all their times exactly.
 *
 * @param timebase Time base of the source frames.
 * @throws {RangeError} If the sampling follows a curve and has no rate.
 */
export function outputTimebase(timebase: Rational, sampling: Sampling, slowdown: Rational): Rational {
  if (sampling.kind === "factor") {
    return commonUnit(multiply(rational(timebase.num, timebase.den * sampling.factor.num), slowdown), timebase);
  }
  if (!sampling.fps) throw new RangeError("outputTimebase: the sampling must have a rate");
  return commonUnit(multiply(commonUnit(timebase, divide(ONE, sampling.fps)), slowdown), timebase);
}

/** Frames within this part of an interval from a source frame show it. */
const SNAP = rational(1, 1000);

/**
 * Returns the timestamp of the first output frame in seconds: that of the first source frame, or where a curve begins in the source.
 *
 * @param first The first source frame that is read.
 */
function outputStart(
  first: Frame,
  { sampling, origin }: Pick<TimelineOptions, "sampling" | "origin">,
): Rational {
  if (sampling.kind !== "curve" || sampling.curve.over === "source") return timeOf(first);
  const { direction, low, high } = sampling.curve.runs[0]!, begin = direction === 1 ? low : high!;
  return add(origin ?? timeOf(first), multiply(rational(floor(divide(begin, first.timebase))), first.timebase));
}

/**
 * Creates the timeline of a video that begins with `first`. Its methods are called in the video's order, once per frame.
 *
 * @param first The first frame; its timestamp is kept, also in slow motion.
 */
export function createTimeline(first: Frame, options: TimelineOptions): Timeline {
  const { slowdown, holdLast } = options, { sampling: asked } = options;
  const sampling = asked.kind === "factor" ? asked : { ...asked, fps: rateOf(asked, first) };
  const start = outputStart(first, options), origin = options.origin ?? timeOf(first);
  const timebase = outputTimebase(first.timebase, sampling, slowdown);
  const moments = sampling.kind === "factor"
    ? undefined
    : options.moments ?? outputMoments({ ...sampling, shutter: options.shutter }, subtract(timeOf(first), origin));
  // A curve with an end has all of its frames, whatever the source.
  const isFinite = sampling.kind === "curve" && sampling.curve.length !== undefined;
  let index = 0n, next = moments?.next(), count = 0;

  const toPts = (elapsed: Rational): bigint => divide(add(start, multiply(elapsed, slowdown)), timebase).num;

  /** Returns the outputs of a factor in the interval from source frame `index` on. */
  function byFactor(factor: Rational, from: SourceTime, duration: Rational): OutputTime[] {
    const outputs: OutputTime[] = [], step = divide(ONE, factor);
    for (let i = ceil(multiply(rational(from.index), factor));; i++) {
      const t = subtract(multiply(rational(i), step), rational(from.index));
      if (compare(t, ONE) >= 0) return outputs;
      outputs.push({ t, pts: toPts(subtract(add(from.time, multiply(t, duration)), start)) });
    }
  }

  /**
   * Returns the outputs in [from, from + duration), the first of which is source frame `from.index`.
   *
   * @param isLast Whether no interval follows, to which outputs near the end could belong.
   */
  function fill(from: SourceTime, duration: Rational, isLast = false): OutputTime[] {
    if (sampling.kind === "factor") return byFactor(sampling.factor, from, duration);
    const outputs: OutputTime[] = [], until = isLast ? ONE : subtract(ONE, SNAP);
    for (; next && !next.done; next = moments!.next()) {
      const { elapsed, position, isSide } = next.value;
      const t = divide(subtract(add(origin, position), from.time), duration);
      if (!(isLast && isFinite) && compare(t, until) >= 0) break;
      const time = { t: compare(t, SNAP) <= 0 ? rational(0) : t, pts: toPts(elapsed) };
      outputs.push(isSide ? { ...time, isSide } : time);
    }
    count += outputs.length;
    return outputs;
  }

  const sourceTime = (frame: Frame): SourceTime => ({ index: index++, time: timeOf(frame) });

  /** Returns whether source frames are left out regularly, so that the last one may be, too. */
  function mayDrop({ index, time }: SourceTime): boolean {
    if (sampling.kind === "factor" || count === 0) return false;
    const mean = divide(subtract(time, timeOf(first)), rational(index > 0n ? index : 1n));
    return sampling.kind === "curve" || compare(divide(ONE, sampling.fps!), mean) > 0;
  }

  return {
    timebase,
    between: (a, b) => fill(sourceTime(a), subtract(timeOf(b), timeOf(a))),
    loopPair: (last, duration) => fill(sourceTime(last), duration, true),
    isDone: () => next?.done === true,
    end(last, duration) {
      const from = sourceTime(last), outputs = fill(from, duration, true);
      if (isFinite) return outputs;
      const shown = holdLast ? outputs : outputs.filter(({ t }) => t.num === 0n);
      return shown.length > 0 || mayDrop(from) ? shown : [{ pts: toPts(subtract(from.time, start)), t: rational(0) }];
    },
  };
}
