import { divide, rational, round } from "@slomo/core/time";
import type { VideoInfo } from "@slomo/core";

/**
 * A frame's timestamp goes through ffmpeg as its distance from the one before, which may be negative, 0 or unknown. Stamps that
 * rise carry it: each is the one before and `3 · d` for a distance `d` above 0, `1 − 3 · d` for another, 2 for none.
 */
const UNKNOWN = 2n;

/**
 * The first distance counts from one unit before the stamp with which the stream is said to begin: while distances are above 0,
 * what is written is then `3 · (stamp − origin)`, also where ffmpeg builds its filters anew as the picture changes size.
 */
const originOf = ({ start, timebase }: VideoInfo): bigint => round(divide(start, timebase)) - 1n;

/** The filters that write distances in place of stamps, which ffmpeg would bend until they rise. */
export function timestampFilters(video: VideoInfo): readonly string[] {
  const { num, den } = video.timebase, last = `if(N,ld(0),${originOf(video)})`;
  // Registers: 0 the last stamp that is known, 1 the distance from it.
  const distance = `st(1,PTS-${last});st(0,if(isnan(PTS),${last},PTS));`;
  const code = `if(isnan(ld(1)),${UNKNOWN},if(gt(ld(1),0),3*ld(1),1-3*ld(1)))`;
  return [`settb=${num}/${den}`, `setpts='${distance}if(N,PREV_OUTPTS,0)+${code}'`];
}

/** Reads the stamps of a stream that went through {@linkcode timestampFilters}, one after the other; `undefined` where a frame has none. */
export function timestampReader(video: VideoInfo): (written: bigint) => bigint | undefined {
  let last = originOf(video), before = 0n;
  return (written) => {
    const code = written - before;
    before = written;
    if (code === UNKNOWN) return undefined;
    return last += code % 3n === 0n ? code / 3n : (1n - code) / 3n;
  };
}

/** The way from one frame to the next at a video's rate, in units of its stamps, 1 or more. */
export function nominalStep({ rate, timebase }: Pick<VideoInfo, "rate" | "timebase">): bigint {
  return round(divide(divide(rational(1), rate), timebase)) || 1n;
}

/** A frame whose timestamp may be missing or wrong. */
export interface Stamped {
  /** As the file has it. */
  readonly pts: bigint | undefined;
}

/** How a clock is mended. */
export interface MendOptions {
  /** The way from one frame to the next where nothing tells it, in units of the stamps. */
  readonly step: bigint;
  /** So far below the stamp before it, a stamp begins time anew. */
  readonly anew: bigint;
  /** Told when time begins anew, with the stamp at which it goes on. */
  readonly onAnew: (pts: bigint) => void;
}

/**
 * Gives every frame a stamp above the one before. A lone stamp that does not lie between its neighbors' gives way to the middle
 * of them, and so does a missing one; where time begins anew, it goes on from there. One frame is read ahead.
 */
export async function* repairTimestamps<T extends Stamped>(
  frames: AsyncIterable<T>,
  { step, anew, onAnew }: MendOptions,
): AsyncGenerator<T & { readonly pts: bigint }> {
  let last: bigint | undefined, shift = 0n;
  const place = (own: bigint | undefined, next: bigint | undefined): bigint => {
    if (last === undefined) return own ?? (next === undefined ? 0n : next - step);
    const follow = last + step, stamp = own === undefined ? undefined : own + shift;
    const until = next === undefined ? undefined : next + shift;
    const isBetween = stamp !== undefined && stamp > last && (until === undefined || stamp <= until);
    if (isBetween) return stamp;
    if (until !== undefined && until > last + 1n) return (last + until) / 2n;
    if (stamp === undefined || stamp > last) return stamp ?? follow;
    if (last - stamp < anew) return last + 1n;
    shift += follow - stamp;
    onAnew(follow);
    return follow;
  };
  let held: T | undefined, failure: { readonly error: unknown } | undefined;
  try {
    for await (const frame of frames) {
      if (held) yield { ...held, pts: last = place(held.pts, frame.pts) };
      held = frame;
    }
  } catch (error) {
    failure = { error };
  }
  if (held) yield { ...held, pts: place(held.pts, undefined) };
  if (failure) throw failure.error;
}
