import type { TimeCurve } from "../retime/curve.ts";
import { add, ceil, compare, divide, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";

/** The time of an output frame, and the time of the source that it shows. */
export interface OutputMoment {
  /** Seconds of the output, from its first frame. */
  readonly elapsed: Rational;
  /** Seconds of the source, from its first frame. */
  readonly position: Rational;
  /** Whether it is before or after the middle of the exposure of its frame. */
  readonly isSide?: boolean;
}

/** A sampling at a fixed rate, along a curve or at the speed of the source. */
export interface RateSampling {
  /** Frames per second of the output. */
  readonly fps: Rational;
  /** The curve. @default {the speed of the source} */
  readonly curve?: TimeCurve | undefined;
  /** Angle of the shutter in degrees: exposures last `shutter / 360` of a frame. @default {0} */
  readonly shutter?: number | undefined;
}

/** A sampling along a curve. */
export interface CurveSampling extends RateSampling {
  /** The curve. */
  readonly curve: TimeCurve;
}

/** A part of the output in seconds; the end is exclusive. */
export interface OutputRange {
  /** Start. */
  readonly from: Rational;
  /** End; `undefined` for that of the curve. */
  readonly to: Rational | undefined;
}

/** Moments of an exposure per output frame that it spans in the source, and their number at least and at most. */
const DENSITY = 30, LEAST = 3, MOST = 61;

/** Part of a frame by which an exposure ends before the end of its range. */
const MARGIN = rational(1, 1000);

const ZERO = rational(0);

/** Returns the moments of the frame at a time of the output, within a range: one, or those of its exposure in order. */
function exposureAt(
  { fps, curve, shutter = 0 }: RateSampling,
  output: Rational,
  { from, to }: OutputRange,
  elapsed: Rational,
): OutputMoment[] {
  const at = (time: Rational) => curve ? curve.at(time) : time, position = at(output);
  if (position === undefined) return [];
  if (shutter <= 0) return [{ elapsed, position }];
  const half = divide(rational(Math.round(shutter * 1000), 720_000), fps),
    end = to && subtract(to, divide(MARGIN, fps));
  const clamped = (time: Rational) => compare(time, from) < 0 ? from : end && compare(time, end) > 0 ? end : time;
  const [begin, last] = [subtract(output, half), add(output, half)].map((time) => at(clamped(time)) ?? position);
  const span = Math.abs(toNumber(multiply(subtract(last!, begin!), fps)));
  if (span === 0) return [{ elapsed, position }];
  const wanted = Math.min(MOST, Math.max(LEAST, Math.ceil(span * DENSITY))), count = wanted | 1;
  return Array.from({ length: count }, (_, i) => {
    // The middles of equal parts, of which one is that of the exposure.
    const offset = multiply(half, rational(2 * i + 1 - count, count)), isSide = 2 * i + 1 !== count;
    const shown = isSide ? at(clamped(add(output, offset))) ?? position : position;
    return { elapsed, position: shown, isSide };
  });
}

/** Yields the moments of output frames in a range, in order: frame i is shown `i / fps` seconds after `begin`. */
function* momentsIn(sampling: RateSampling, range: OutputRange, begin: Rational): Generator<OutputMoment> {
  const { fps } = sampling;
  for (let i = ceil(multiply(subtract(range.from, begin), fps));; i++) {
    const elapsed = divide(rational(i), fps), output = add(begin, elapsed);
    if (range.to && compare(output, range.to) >= 0) return;
    const moments = exposureAt(sampling, output, range, elapsed);
    if (moments.length === 0) return;
    yield* moments;
  }
}

/**
 * Yields the moments of all output frames, without an end if the curve has none.
 *
 * @param start Time of the source at which a part begins, in seconds from its first frame.
 */
export function outputMoments(sampling: RateSampling, start: Rational): Generator<OutputMoment> {
  const { curve } = sampling, from = curve?.over === "source" ? curve.reach(start) : curve ? ZERO : start;
  return momentsIn(sampling, { from, to: curve?.length }, from);
}

/** Yields the moments of a run that plays forward. */
export function forwardMoments(sampling: CurveSampling, range: OutputRange): Generator<OutputMoment> {
  return momentsIn(sampling, range, ZERO);
}

/**
 * Yields the moments of a run that plays backward, from a time of the source on: the last one first.
 *
 * @param low Lowest time of the source that is needed.
 */
export function* backwardMoments(
  sampling: CurveSampling,
  range: { readonly from: Rational; readonly to: Rational },
  low: Rational,
): Generator<OutputMoment> {
  const { fps, curve } = sampling, first = ceil(multiply(range.from, fps)), end = ceil(multiply(range.to, fps));
  const timeOf = (i: bigint) => divide(rational(i), fps);
  // The last frame whose time of the source is not below `low`.
  let below = first - 1n, above = end;
  while (above - below > 1n) {
    const middle = (below + above) / 2n, position = curve.at(timeOf(middle));
    if (position && compare(position, low) >= 0) below = middle;
    else above = middle;
  }
  for (let i = below; i >= first; i--) yield* exposureAt(sampling, timeOf(i), range, timeOf(i)).toReversed();
}
