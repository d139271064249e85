import { add, compare, divide, floor, multiply, type Rational, rational, subtract } from "@slomo/core/time";
import type { CopyFrom } from "@slomo/core";
import { parseRatio, parseSeconds, type ProbedStream } from "../ffprobe.ts";

/** How times of the source become times of the output: `first + (t − first) · slowdown − origin`. */
export interface Placement {
  /** Timestamp of the first frame, in the source and as it is written. */
  readonly first: Rational;
  /** Subtracted from every timestamp that is written. */
  readonly origin: Rational;
  /** How many times longer the video becomes. */
  readonly slowdown: Rational;
  /** Time in the source before which nothing is used, `undefined` for its beginning. */
  readonly from: Rational | undefined;
  /** Time in the source from which on nothing is used, `undefined` for its end. */
  readonly to: Rational | undefined;
}

const ZERO = rational(0);

/** When a stream begins, in seconds. */
export function startOf({ start_pts, time_base }: ProbedStream): Rational | undefined {
  const unit = parseRatio(time_base);
  return start_pts === undefined || !unit ? undefined : multiply(rational(BigInt(start_pts)), unit);
}

/** When a stream ends, in seconds, where it says; Matroska's tag of its length counts from 0. */
export function endOf(stream: ProbedStream): Rational | undefined {
  const start = startOf(stream), unit = parseRatio(stream.time_base);
  if (!start || !unit) return undefined;
  if (stream.duration_ts === undefined) return parseSeconds(stream.tags?.DURATION);
  return add(start, multiply(rational(BigInt(stream.duration_ts)), unit));
}

/** Whether a container's timestamps mean what they say: a late start, and the rate in the header. */
export function isExactContainer(name: string): boolean {
  return /^(images|mov|mp4|m4a|m4v|3gp|3g2|mj2)$/.test(name);
}

const least = (a: Rational, b: Rational): Rational => compare(a, b) <= 0 ? a : b;

/**
 * Where the video is laid. A part of a video begins at 0. The clocks of MPEG-TS, Matroska and their like start anywhere, so
 * their earliest stream is laid to 0; only in mp4 and mov is a late start meant and kept. No stamp becomes negative.
 *
 * @param first Timestamp of the first frame in seconds.
 * @param timebase Unit of the frames' stamps; `origin` is a whole multiple of it.
 * @param streams The streams that go along.
 */
export function placeVideo(
  first: Rational,
  timebase: Rational,
  copy: CopyFrom | undefined,
  streams: readonly ProbedStream[],
): Placement {
  const whole = (time: Rational) => multiply(rational(floor(divide(time, timebase))), timebase);
  if (!copy) return { first, origin: least(ZERO, whole(first)), slowdown: rational(1), from: undefined, to: undefined };
  const isPart = copy.start !== undefined && copy.start.num > 0n;
  const earliest = streams.reduce((time, stream) => {
    const isTimed = stream.codec_type === "audio";
    return isTimed ? least(time, startOf(stream) ?? time) : time;
  }, first);
  const origin = isPart
    ? first
    : isExactContainer(copy.source.info.container)
    ? least(ZERO, whole(first))
    : whole(earliest);
  return {
    first,
    origin,
    slowdown: copy.slowdown,
    from: isPart ? first : undefined,
    to: copy.end === undefined ? undefined : add(copy.source.info.video.start, copy.end),
  };
}

/** The time in the output of a time in the source. */
export function placed({ first, origin, slowdown }: Placement, time: Rational): Rational {
  return subtract(add(first, multiply(subtract(time, first), slowdown)), origin);
}

/** The same for a video whose last frame is shown until `end`, a timestamp as it is written: what goes along lasts as long. */
export function lasting(placement: Placement, end: Rational): Placement {
  const { first, slowdown, to } = placement;
  const inSource = add(first, divide(subtract(end, first), slowdown));
  return to && compare(inSource, to) > 0 ? { ...placement, to: inSource } : placement;
}
