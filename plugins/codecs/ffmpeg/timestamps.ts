import { divide, rational, round } from "@slomo/core/time";
import type { VideoInfo } from "@slomo/core";

/** Factor of timestamps that are encoded directly. */
const SCALE = 16n;

/** Factor of differences between timestamps; {@linkcode SCALE} is a multiple. */
const STEP = 4n;

/** Kinds of encoded timestamps, as their remainders. */
const DIRECT = 0n, EARLIER = 1n, LATER = 2n, UNKNOWN = 3n;

/**
 * Returns the timestamp from which encoded timestamps count: one unit before the start of the stream.
 *
 * @param isJoined Whether ffmpeg subtracts the start of the file.
 */
export function timestampOrigin({ start, timebase }: VideoInfo, isJoined: boolean): bigint {
  return (isJoined ? 0n : round(divide(start, timebase))) - 1n;
}

/**
 * Returns the filters that encode timestamps, which may step back, repeat or be unknown, as rising ones, since ffmpeg changes
 * timestamps that do not rise. A timestamp is encoded as `16 · (timestamp − origin)` if that is above the previous one, so that
 * it does not depend on frames before: ffmpeg resets its filters where the frame size changes. Otherwise, the previous one is
 * rounded down to a multiple of 4, and `4 · (1 + |difference|)` and the kind are added.
 *
 * @param origin See {@linkcode timestampOrigin}.
 */
export function timestampFilters({ timebase: { num, den } }: VideoInfo, origin: bigint): readonly string[] {
  const direct = `${SCALE}*(PTS-(${origin}))`;
  // Registers: 0 is the last known timestamp, 1 the difference to it, 2 the previous encoded timestamp.
  const last = `if(N,ld(0),${origin})`;
  const registers = `st(2,if(N,PREV_OUTPTS,0));st(1,PTS-${last});st(0,if(isnan(PTS),${last},PTS));`;
  const rounded = `${STEP}*(floor(ld(2)/${STEP})+1)`;
  const difference = `${rounded}+${STEP}*abs(ld(1))+if(gt(ld(1),0),${LATER},${EARLIER})`;
  const code = `if(isnan(PTS),${rounded}+${UNKNOWN},if(gt(${direct},ld(2)),${direct},${difference}))`;
  return [`settb=${num}/${den}`, `setpts='${registers}${code}'`];
}

/**
 * Returns a decoder for the timestamps of {@linkcode timestampFilters}, in order; `undefined` for unknown timestamps, and for
 * those that ffmpeg has changed because its filters were reset.
 */
export function timestampReader(origin: bigint): (encoded: bigint) => bigint | undefined {
  let last = origin, before = 0n;
  return (encoded) => {
    const kind = encoded % STEP, difference = encoded / STEP - before / STEP - 1n;
    before = encoded;
    if (kind === DIRECT) return encoded % SCALE === 0n ? last = encoded / SCALE + origin : undefined;
    if (kind === UNKNOWN || difference < 0n) return undefined;
    return last += kind === LATER ? difference : -difference;
  };
}

/** Returns the duration of a frame at the frame rate, in the time base, at least 1. */
export function nominalStep({ rate, timebase }: Pick<VideoInfo, "rate" | "timebase">): bigint {
  return round(divide(divide(rational(1), rate), timebase)) || 1n;
}

/** A frame whose timestamp may be missing or wrong. */
export interface TimestampedFrame {
  /** Timestamp of the file. */
  readonly pts: bigint | undefined;
}

/** Options of {@linkcode repairTimestamps}. */
export interface RepairOptions {
  /** Default duration of a frame, in the time base. */
  readonly step: bigint;
  /** Step back, in the time base, from which a timestamp is a discontinuity. */
  readonly threshold: bigint;
  /** Called at a discontinuity with the timestamp at which the output continues. */
  readonly onDiscontinuity: (pts: bigint) => void;
}

/**
 * Makes the timestamps of frames rise strictly. A single timestamp that is missing, or not between its neighbors, becomes their
 * mean. After a discontinuity, timestamps continue from the previous one. It reads one frame ahead.
 */
export async function* repairTimestamps<T extends TimestampedFrame>(
  frames: AsyncIterable<T>,
  { step, threshold, onDiscontinuity }: RepairOptions,
): AsyncGenerator<T & { readonly pts: bigint }> {
  let last: bigint | undefined, shift = 0n;
  const place = (pts: bigint | undefined, next: bigint | undefined): bigint => {
    if (last === undefined) return pts ?? (next === undefined ? 0n : next - step);
    const follow = last + step, timestamp = pts === undefined ? undefined : pts + shift;
    const until = next === undefined ? undefined : next + shift;
    const isBetween = timestamp !== undefined && timestamp > last && (until === undefined || timestamp <= until);
    if (isBetween) return timestamp;
    if (until !== undefined && until > last + 1n) return (last + until) / 2n;
    if (timestamp === undefined || timestamp > last) return timestamp ?? follow;
    if (last - timestamp < threshold) return last + 1n;
    shift += follow - timestamp;
    onDiscontinuity(follow);
    return follow;
  };
  let pending: T | undefined, failure: { readonly error: unknown } | undefined;
  try {
    for await (const frame of frames) {
      if (pending) yield { ...pending, pts: last = place(pending.pts, frame.pts) };
      pending = frame;
    }
  } catch (error) {
    failure = { error };
  }
  if (pending) yield { ...pending, pts: place(pending.pts, undefined) };
  if (failure) throw failure.error;
}
