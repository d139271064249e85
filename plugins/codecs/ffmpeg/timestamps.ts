import { divide, rational, round } from "@slomo/core/time";
import type { VideoInfo } from "@slomo/core";

/**
 * ffmpeg requires rising timestamps, so differences between timestamps, which may be negative, 0 or unknown, are encoded as
 * rising ones: each is the previous one plus `3 · d` for a difference `d` above 0, `1 − 3 · d` for others, 2 for unknown ones.
 */
const UNKNOWN = 2n;

/**
 * The first difference is relative to one unit before the start of the stream. While differences are above 0, the encoded
 * timestamp is then `3 · (timestamp − origin)`, even if ffmpeg reconfigures its filters because the frame size changes.
 */
const originOf = ({ start, timebase }: VideoInfo): bigint => round(divide(start, timebase)) - 1n;

/** Returns the filters that encode timestamps as differences, since ffmpeg changes timestamps that do not rise. */
export function timestampFilters(video: VideoInfo): readonly string[] {
  const { num, den } = video.timebase, last = `if(N,ld(0),${originOf(video)})`;
  // Registers: 0 is the last known timestamp, 1 the difference to it.
  const difference = `st(1,PTS-${last});st(0,if(isnan(PTS),${last},PTS));`;
  const code = `if(isnan(ld(1)),${UNKNOWN},if(gt(ld(1),0),3*ld(1),1-3*ld(1)))`;
  return [`settb=${num}/${den}`, `setpts='${difference}if(N,PREV_OUTPTS,0)+${code}'`];
}

/** Returns a decoder for the timestamps of {@linkcode timestampFilters}, in order; `undefined` for unknown timestamps. */
export function timestampReader(video: VideoInfo): (encoded: bigint) => bigint | undefined {
  let last = originOf(video), before = 0n;
  return (encoded) => {
    const code = encoded - before;
    before = encoded;
    if (code === UNKNOWN) return undefined;
    return last += code % 3n === 0n ? code / 3n : (1n - code) / 3n;
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
