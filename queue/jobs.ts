import { z } from "zod";
import type { JobOptions } from "./client_types.d.ts";

/** Name of the queue of videos. */
export const VIDEOS = "slomo-videos";

/** Returns the name of the queue of segments for workers with the same facts. */
export const segmentQueue = (facts: string): string => `slomo-segments-${facts}`;

/** Returns the ID of the job that joins a video. */
export const joinId = (video: string): string => `${video}-join`;

/** Options of all jobs: three attempts with growing pauses, and removal a week after the end. */
export const JOB_OPTIONS = {
  attempts: 3,
  backoff: { type: "exponential", delay: 1000 },
  removeOnComplete: { age: 7 * 86_400 },
  removeOnFail: { age: 7 * 86_400 },
} as const satisfies JobOptions;

/** Where a video stands after it was planned. */
export interface VideoPlan {
  /** Hash of the facts of the worker that planned it. */
  readonly facts: string;
  /** Number of output frames. */
  readonly frames: number;
  /** Number of segments. */
  readonly segments: number;
  /** Number of segments that were not made when the video was planned. */
  readonly missing: number;
}

/** The job of a video. Everything in it may come from anyone who can write to the queue. */
export interface VideoData {
  /** The command that workers read. */
  readonly command?: unknown;
  /** Location of the source, for people. */
  readonly input: string;
  /** Location of the output, for people. */
  readonly output: string;
  /** Whether the video was cancelled. */
  readonly isCancelled?: boolean | undefined;
  /** The plan, once there is one. */
  readonly plan?: VideoPlan | undefined;
}

/** Schema of the job of a video. */
export const videoSchema: z.ZodType<VideoData> = z.object({
  command: z.unknown(),
  input: z.string(),
  output: z.string(),
  isCancelled: z.boolean().optional(),
  plan: z.object({
    facts: z.string().regex(/^[\da-f]{12}$/),
    frames: z.int().min(1),
    segments: z.int().min(1),
    missing: z.int().min(0),
  }).optional(),
});

/** The job of a segment; of a join if it has no `index`. */
export interface SegmentData {
  /** ID of the video. */
  readonly video: string;
  /** Number of the segment. */
  readonly index?: number | undefined;
}

/** Schema of the job of a segment, or of a join. */
export const segmentSchema: z.ZodType<SegmentData> = z.object({
  video: z.string(),
  index: z.int().min(0).optional(),
});

/** Progress of a segment. */
export interface SegmentProgress {
  /** Frames that are done. */
  readonly done: number;
  /** Frames of the segment. */
  readonly total: number;
  /** Frames per second. */
  readonly rate: number;
  /** Name of the worker. */
  readonly worker: string;
}
