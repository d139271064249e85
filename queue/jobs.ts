import { z } from "zod";
import type { FlowJob, JobOptions } from "./client_types.d.ts";

/** Name of the queue of videos. */
export const VIDEOS = "slomo-videos";

/** Name of the queue of shards, which any worker of the same version scans. */
export const SCANS = "slomo-scans";

/** Returns the name of the queue of segments for workers with the same facts. */
export const segmentQueue = (facts: string): string => `slomo-segments-${facts}`;

/** Returns the ID of the job that joins a video. */
export const joinId = (video: string): string => `${video}-join`;

/** Returns the ID of the job that plans a video from its shards. */
export const mergeId = (video: string): string => `${video}-merge`;

/** Options of all jobs: three attempts with growing pauses, and removal a week after the end. */
export const JOB_OPTIONS = {
  attempts: 3,
  backoff: { type: "exponential", delay: 1000 },
  removeOnComplete: { age: 7 * 86_400 },
  removeOnFail: { age: 7 * 86_400 },
} as const satisfies JobOptions;

/** Returns the option by which the queue takes only one video of an output until it is planned. */
export const deduplication = (output: string): Pick<JobOptions, "deduplication"> => ({ deduplication: { id: output } });

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

/** The shards of a video, which are scanned before it is planned. */
export interface VideoShards {
  /** Hash of the facts of the worker that divided the source, and will plan it. */
  readonly facts: string;
  /** Number of shards. */
  readonly shards: number;
  /** Number of shards that were not scanned when the source was divided. */
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
  /** In how many shards to scan the source. @default {chosen by the worker that plans} */
  readonly shards?: number | undefined;
  /** Whether the video was cancelled. */
  readonly isCancelled?: boolean | undefined;
  /** The shards, if the source was divided. */
  readonly scans?: VideoShards | undefined;
  /** The plan, once there is one. */
  readonly plan?: VideoPlan | undefined;
}

const facts = z.string().regex(/^[\da-f]{12}$/);

/** Schema of the job of a video. */
export const videoSchema: z.ZodType<VideoData> = z.object({
  command: z.unknown(),
  input: z.string(),
  output: z.string(),
  shards: z.int().min(1).max(10_000).optional(),
  isCancelled: z.boolean().optional(),
  scans: z.object({ facts, shards: z.int().min(1), missing: z.int().min(0) }).optional(),
  plan: z.object({
    facts,
    frames: z.int().min(1),
    segments: z.int().min(1),
    missing: z.int().min(0),
  }).optional(),
});

/** The job of a shard or of a segment; of a join or a merge if it has no `index`. */
export interface SegmentData {
  /** ID of the video. */
  readonly video: string;
  /** Number of the shard or of the segment. */
  readonly index?: number | undefined;
}

/** Schema of all jobs but those of videos. */
export const segmentSchema: z.ZodType<SegmentData> = z.object({
  video: z.string(),
  index: z.int().min(0).optional(),
});

/** Progress of a segment or a shard. */
export interface SegmentProgress {
  /** Frames that are done. */
  readonly done: number;
  /** Frames of the segment; unknown for a shard. */
  readonly total?: number | undefined;
  /** Frames per second. */
  readonly rate: number;
  /** Name of the worker. */
  readonly worker: string;
}

/** Child jobs, and their parent. */
export interface ChildJobs {
  readonly video: string;
  /** Numbers of the children. */
  readonly missing: readonly number[];
  /** Priority of all of these jobs. */
  readonly priority: number | undefined;
  /** Name of the parent. */
  readonly name: string;
  /** Name of each child. */
  readonly child: string;
  /** ID of the parent. */
  readonly parentId: string;
  /** Queue of the children. */
  readonly queueName: string;
}

/** Returns child jobs, and their parent in a queue. It runs after all of them, even if one fails. */
export function flowOf(
  parentQueue: string,
  { video, missing, priority, name, child, parentId, queueName }: ChildJobs,
): FlowJob {
  const opts = { ...JOB_OPTIONS, ...priority !== undefined && priority > 0 && { priority } };
  return {
    name,
    queueName: parentQueue,
    data: { video },
    opts: { ...opts, jobId: parentId },
    children: missing.map((index) => ({
      name: child,
      queueName,
      data: { video, index },
      opts: { ...opts, jobId: `${video}-${index}`, ignoreDependencyOnFailure: true },
    })),
  };
}
