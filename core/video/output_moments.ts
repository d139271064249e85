import type { TimeCurve } from "../retime/curve.ts";
import { add, ceil, compare, divide, multiply, type Rational, rational } from "../time/rational.ts";

/** The time of an output frame, and the time of the source that it shows. */
export interface OutputMoment {
  /** Seconds of the output, from its first frame. */
  readonly elapsed: Rational;
  /** Seconds of the source, from its first frame. */
  readonly position: Rational;
}

/** A sampling at a fixed rate, along a curve or at the speed of the source. */
export interface RateSampling {
  /** Frames per second of the output. */
  readonly fps: Rational;
  /** The curve. @default {the speed of the source} */
  readonly curve?: TimeCurve | undefined;
}

/** A sampling along a curve. */
export interface CurveSampling extends RateSampling {
  /** The curve. */
  readonly curve: TimeCurve;
}

const ZERO = rational(0);

/**
 * Yields the moments of all output frames, without an end if the curve has none.
 *
 * @param start Time of the source at which a part begins, in seconds from its first frame.
 */
export function* outputMoments({ fps, curve }: RateSampling, start: Rational): Generator<OutputMoment> {
  const begin = curve?.over === "source" ? curve.reach(start) : curve ? ZERO : start;
  for (let i = 0n;; i++) {
    const elapsed = divide(rational(i), fps), output = add(begin, elapsed);
    const position = curve ? curve.at(output) : output;
    if (position === undefined) return;
    yield { elapsed, position };
  }
}

/** A part of the output in seconds; the end is exclusive. */
export interface OutputRange {
  /** Start. */
  readonly from: Rational;
  /** End; `undefined` for that of the curve. */
  readonly to: Rational | undefined;
}

/** Yields the moments of a run that plays forward. */
export function* forwardMoments(
  { fps, curve }: CurveSampling,
  { from, to }: OutputRange,
): Generator<OutputMoment> {
  for (let i = ceil(multiply(from, fps));; i++) {
    const elapsed = divide(rational(i), fps), position = curve.at(elapsed);
    if (position === undefined || to && compare(elapsed, to) >= 0) return;
    yield { elapsed, position };
  }
}

/**
 * Yields the moments of a run that plays backward, from a time of the source on: the last one first.
 *
 * @param low Lowest time of the source that is needed.
 */
export function* backwardMoments(
  { fps, curve }: CurveSampling,
  { from, to }: { readonly from: Rational; readonly to: Rational },
  low: Rational,
): Generator<OutputMoment> {
  const first = ceil(multiply(from, fps)), end = ceil(multiply(to, fps));
  const momentAt = (i: bigint) => {
    const elapsed = divide(rational(i), fps), position = curve.at(elapsed);
    return position && { elapsed, position };
  };
  // The last frame whose time of the source is not below `low`.
  let below = first - 1n, above = end;
  while (above - below > 1n) {
    const middle = (below + above) / 2n, moment = momentAt(middle);
    if (moment && compare(moment.position, low) >= 0) below = middle;
    else above = middle;
  }
  for (let i = below; i >= first; i--) yield momentAt(i)!;
}
