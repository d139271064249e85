import type { Rational } from "../time/rational.ts";
import type { Frame } from "./frame.ts";

/** Times of a video, the same for all its segments. */
export interface VideoSpan {
  /** Time of the first output frame, in seconds. */
  readonly first: Rational;
  /** End of the last output frame, in seconds. */
  readonly end: Rational;
}

/** Collects the times of all output frames of a video, without their pixels. */
export interface SegmentLayout {
  /**
   * Adds the next output frame.
   *
   * @returns Its time in seconds. It is later than given if the container could not tell the frame from the previous one.
   */
  add(frame: Pick<Frame, "pts" | "timebase" | "duration">): Rational;
  /** Returns the times of the video, after its last frame was added. */
  span(): VideoSpan;
}

/** A segment that is to be written. */
export interface SegmentPlace {
  /** Folder of the segments of this video. */
  readonly folder: string;
  /** Number of the segment, from 0. */
  readonly index: number;
  /** Number of segments of the video. */
  readonly count: number;
  /** Times of the video. */
  readonly span: VideoSpan;
  /** Time of the first frame after the segment, in seconds; after the last segment, the end of the video. */
  readonly until: Rational;
}

/** The segments of a video that are to be joined. */
export interface SegmentSet extends Pick<SegmentPlace, "folder" | "count" | "span"> {
  /** Whether to replace an existing target. */
  readonly overwrite: boolean;
  /** Receives warnings. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Stops joining. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a target in segments, which any processes can write in any order, also more than once. The joined segments have
 * the same bytes as the target that `WritePlan.open` writes.
 */
export interface SegmentSink {
  /** Number of output frames per segment; the last one may have fewer. */
  readonly frames: number;
  /** Returns everything that segments depend on besides their frames, by readable names. */
  facts(): Readonly<Record<string, string>>;
  /** Creates the layout of the video, whose warnings `onWarning` receives. */
  layout(onWarning?: (message: string) => void): SegmentLayout;
  /**
   * Returns the name of the file that makes a segment complete, such as `000012.json`. The other files of the segment begin
   * with the same name without its ending, and are complete when this one appears.
   */
  record(index: number): string;
  /** Returns whether a segment is complete. */
  has(place: Pick<SegmentPlace, "folder" | "index">): Promise<boolean>;
  /**
   * Writes a segment. It is complete or absent, whenever the process or the machine stops.
   *
   * @param frames Output frames, with the times of the layout.
   * @throws {JobError} If it cannot be written.
   */
  write(place: SegmentPlace, frames: AsyncIterable<Frame>, signal?: AbortSignal): Promise<void>;
  /**
   * Joins the segments to the target, with the other streams of the source. Does nothing if an earlier call has finished.
   *
   * @throws {JobError} If segments are missing, or the target cannot be written. The segments are kept.
   */
  join(segments: SegmentSet): Promise<void>;
}
