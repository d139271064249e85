import { add, compare, divide, floor, multiply, type Rational, rational, subtract } from "@slomo/core/time";
import { outputTimeOf, sourceTimeOf, type TimeMap } from "@slomo/core/retime";
import type { CopyFrom } from "@slomo/core";
import { parseRatio, parseSeconds, type ProbedStream } from "../ffprobe.ts";

/** A time map, and the time of the source from which it counts. */
export interface Retiming {
  /** The map. */
  readonly map: TimeMap;
  /** Timestamp of the source's first frame in seconds. */
  readonly start: Rational;
}

/**
 * Mapping from times of the source to times of the output: `first + (t − first) · slowdown − origin`, or
 * `first + u(t) − u(first) − origin` with the times u of a map.
 */
export interface Placement {
  /** Timestamp of the first frame, in the source and before `origin` is subtracted. */
  readonly first: Rational;
  /** Offset subtracted from every output timestamp. */
  readonly origin: Rational;
  /** Factor by which the video becomes longer. */
  readonly slowdown: Rational;
  /** Start of the part in the source; `undefined` for its beginning. */
  readonly from: Rational | undefined;
  /** End of the part in the source; `undefined` for its end. */
  readonly to: Rational | undefined;
  /** The map, if the speed varies; `slowdown` is 1 then. */
  readonly retiming?: Retiming | undefined;
}

const ZERO = rational(0);

/** Returns the start of a stream, in seconds. */
export function startOf({ start_pts, time_base }: ProbedStream): Rational | undefined {
  const unit = parseRatio(time_base);
  return start_pts === undefined || !unit ? undefined : multiply(rational(BigInt(start_pts)), unit);
}

/** Returns the end of a stream in seconds, if it is known; the duration tag of Matroska counts from 0. */
export function endOf(stream: ProbedStream): Rational | undefined {
  const start = startOf(stream), unit = parseRatio(stream.time_base);
  if (!start || !unit) return undefined;
  if (stream.duration_ts === undefined) return parseSeconds(stream.tags?.DURATION);
  return add(start, multiply(rational(BigInt(stream.duration_ts)), unit));
}

/** Tests whether a container's start time and frame rate are exact. */
export function isExactContainer(name: string): boolean {
  return /^(images|mov|mp4|m4a|m4v|3gp|3g2|mj2)$/.test(name);
}

const least = (a: Rational, b: Rational): Rational => compare(a, b) <= 0 ? a : b;

/**
 * Returns the mapping of timestamps. A part of a video begins at 0. Timestamps of MPEG-TS, Matroska and similar containers start
 * anywhere, so their earliest stream is moved to 0. The start time of mp4 and mov is kept. No timestamp becomes negative.
 *
 * @param first Timestamp of the first frame in seconds.
 * @param timebase Time base of the frames; `origin` is a multiple of it.
 * @param streams The copied streams.
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
  // Audio before 0 is the encoder delay, which players skip.
  const shown = least(ZERO, first);
  const earliest = streams.reduce((time, stream) => {
    const start = stream.codec_type === "audio" ? startOf(stream) : undefined;
    return start && compare(start, shown) > 0 ? least(time, start) : start ? least(time, shown) : time;
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
    retiming: copy.retime && { map: copy.retime, start: copy.source.info.video.start },
  };
}

/** Seconds before and after the first frame that the map of a constant speed covers: more than a video lasts. */
const ALWAYS = rational(1e9);

/** Returns a placement with its slowdown as a map, by which audio is stretched. */
export function asRetiming(placement: Placement): Placement {
  const { first, slowdown, retiming } = placement;
  if (retiming || slowdown.num === slowdown.den) return placement;
  const points = [subtract(ZERO, ALWAYS), ALWAYS].map((source) => ({ source, output: multiply(source, slowdown) }));
  return { ...placement, slowdown: rational(1), retiming: { map: { points }, start: first } };
}

/** Returns the output time of a time in the source. */
export function placed({ first, origin, slowdown, retiming }: Placement, time: Rational): Rational {
  if (!retiming) return subtract(add(first, multiply(subtract(time, first), slowdown)), origin);
  const { map, start } = retiming, at = (time: Rational) => outputTimeOf(map, subtract(time, start));
  return subtract(add(first, subtract(at(time), at(first))), origin);
}

/** Returns the time in the source of an output time. */
export function inSource({ first, origin, slowdown, retiming }: Placement, time: Rational): Rational {
  const elapsed = subtract(add(time, origin), first);
  if (!retiming) return add(first, divide(elapsed, slowdown));
  const { map, start } = retiming, begin = outputTimeOf(map, subtract(first, start));
  return add(start, sourceTimeOf(map, add(begin, elapsed)));
}

/** Returns the speed of the source after the last point of a map. */
export function lastSpeed({ map }: Retiming): Rational {
  const { output, source } = map.points.at(-1)!;
  return subtract(sourceTimeOf(map, add(output, rational(1))), source);
}

/** Returns the mapping for a video whose last frame ends at `end`, so that copied streams end there too. */
export function lasting(placement: Placement, end: Rational): Placement {
  const { origin, to } = placement, last = inSource(placement, subtract(end, origin));
  return to && compare(last, to) > 0 ? { ...placement, to: last } : placement;
}
