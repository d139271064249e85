import type { Rational } from "../time/rational.ts";
import type { Interval } from "../video/intervals.ts";

/** Consecutive source frames that a segment is made from. */
export interface SourceRange {
  /** Number of the first frame, in the order in which the plan read the source. */
  readonly from: number;
  /** Time of that frame in the source, in seconds. */
  readonly time: Rational;
  /** CRC-32 of the pixels of each frame. */
  readonly checksums: readonly number[];
  /** One letter per frame: `c` begins a shot, `d` repeats the previous frame, `b` does both, `h` and `m` end a held or blended pair, `x` is not used, `.` none of these. */
  readonly facts: string;
}

/** An interval between two source frames, which are given by their numbers. */
export interface NumberedInterval extends Omit<Interval, "first" | "second"> {
  /** Number of the earlier frame. */
  readonly first: number;
  /** Number of the later frame. */
  readonly second: number;
}

/** Everything that a process must know to make one segment, besides the job. */
export interface SegmentTask {
  /** Number of the segment, from 0. */
  readonly index: number;
  /** Number of its first output frame in the video, from 0. */
  readonly begin: number;
  /** Number of output frames. */
  readonly count: number;
  /** Time of the first frame after the segment, in seconds; after the last segment, the end of the video. */
  readonly until: Rational;
  /** The source frames that are read. */
  readonly sources: readonly SourceRange[];
  /** The intervals whose output frames the segment has. */
  readonly intervals: readonly NumberedInterval[];
  /** Number of leading output frames of the first interval that the previous segment has. */
  readonly skip: number;
  /** Times of the output frames in seconds, if the container requires others than the intervals have. */
  readonly times?: readonly Rational[] | undefined;
}
