import type { Job, Queue } from "./client_types.d.ts";
import {
  joinId,
  mergeId,
  SCANS,
  type SegmentProgress,
  segmentQueue,
  VIDEOS,
  videoSchema,
  type VideoShards,
} from "./jobs.ts";
import type { OpenQueues } from "./open_queues.ts";

/** State of a video in the queue. */
export type VideoPhase = "waiting" | "planning" | "making" | "joining" | "done" | "failed" | "cancelled";

/** A worker that makes a segment, or scans a shard. */
export interface ActiveSegment extends Partial<SegmentProgress> {
  /** Number of the segment or the shard. */
  readonly segment: number;
}

/** A video in the queue. */
export interface VideoState {
  /** ID of the video. */
  readonly id: string;
  /** Location of the source. */
  readonly input: string;
  /** Location of the output. */
  readonly output: string;
  /** The step that it is in, or how it ended. */
  readonly phase: VideoPhase;
  /** Frames of the output, once it is planned. */
  readonly frames: number | undefined;
  /** Frames that are done; finished segments are counted by their average. */
  readonly done: number;
  /** Number of scanned shards, if the source is divided and not planned yet. */
  readonly scanned: { readonly done: number; readonly shards: number } | undefined;
  /** Videos with a lower number come first. */
  readonly priority: number;
  /** Segments that are being made, or shards that are being scanned. */
  readonly active: readonly ActiveSegment[];
  /** Why it failed. */
  readonly error: string | undefined;
}

/** Phases of videos that have ended. */
export const ENDED: readonly VideoPhase[] = ["done", "failed", "cancelled"];

/** States of the jobs that plan videos. */
const STATES = ["active", "waiting", "prioritized", "delayed", "completed", "failed"] as const;

/** Returns why a job failed. It is read after the state, because the job may have been read before it failed. */
async function whyFailed(queue: Queue, id: string): Promise<string | undefined> {
  return (await queue.getJob(id))?.failedReason;
}

/** Returns the jobs of a video that workers process. */
async function activeIn(queue: Queue, video: string, kind: "segment" | "scan"): Promise<ActiveSegment[]> {
  const running = (await queue.getActive()).filter(({ data, name }) => data.video === video && name === kind);
  return running.map(({ data, progress }) => ({
    segment: data.index,
    ...typeof progress === "object" ? progress as Partial<SegmentProgress> : {},
  }));
}

/** Reads the states of videos. */
export class VideoStates {
  readonly #queues: OpenQueues;

  /** Uses queues, which are not closed. */
  constructor(queues: OpenQueues) {
    this.#queues = queues;
  }

  /** Returns the jobs of all videos, without those that are removed meanwhile. */
  async jobs(): Promise<Job[]> {
    return (await this.#queues.get(VIDEOS).getJobs(STATES)).filter((job) => job !== undefined);
  }

  /**
   * Returns the ID of a video that makes an output and has not ended; `undefined` if there is none.
   *
   * @param except ID of a video to leave out.
   */
  async makerOf(output: string, except?: string): Promise<string | undefined> {
    for (const job of await this.jobs()) {
      if (job.id === except || job.data.output !== output) continue;
      if (!ENDED.includes((await this.stateOf(job)).phase)) return job.id;
    }
    return undefined;
  }

  /** Returns the state of a video whose shards are scanned. */
  async #scanState(
    id: string,
    { facts, shards, missing }: VideoShards,
  ): Promise<Pick<VideoState, "phase" | "scanned" | "active" | "error">> {
    const queue = this.#queues.get(segmentQueue(facts)), merge = await queue.getJob(mergeId(id));
    const { processed = 0 } = await merge?.getDependenciesCount() ?? {};
    const scanned = { done: shards - missing + processed, shards };
    const isFailed = await merge?.getState() === "failed";
    if (isFailed) return { phase: "failed", scanned, active: [], error: await whyFailed(queue, mergeId(id)) };
    return {
      phase: "planning",
      scanned,
      active: await activeIn(this.#queues.get(SCANS), id, "scan"),
      error: undefined,
    };
  }

  /** Returns the state of a video. */
  async stateOf(job: Job): Promise<VideoState> {
    const { input, output, plan, scans, isCancelled } = videoSchema.parse(job.data), state = await job.getState();
    const base = {
      id: job.id!,
      input,
      output,
      active: [],
      done: 0,
      error: undefined,
      scanned: undefined,
      priority: job.opts.priority ?? 0,
    };
    if (!plan) {
      if (isCancelled) return { ...base, phase: "cancelled", frames: undefined };
      if (scans) return { ...base, frames: undefined, ...await this.#scanState(job.id!, scans) };
      if (state === "failed") {
        return {
          ...base,
          phase: "failed",
          frames: undefined,
          error: await whyFailed(this.#queues.get(VIDEOS), job.id!),
        };
      }
      return { ...base, phase: state === "active" ? "planning" : "waiting", frames: undefined };
    }
    const { frames, segments, missing, facts } = plan, queue = this.#queues.get(segmentQueue(facts));
    const join = await queue.getJob(joinId(job.id!)), joinState = await join?.getState();
    if (joinState === "completed") return { ...base, frames, done: frames, phase: "done" };
    const { processed = 0 } = await join?.getDependenciesCount() ?? {};
    const active = await activeIn(queue, job.id!, "segment");
    const average = frames / segments, finished = Math.round((segments - missing + processed) * average);
    const done = Math.min(frames, finished + active.reduce((sum, { done = 0 }) => sum + done, 0));
    const now = { ...base, frames, done, active };
    if (isCancelled) return { ...now, phase: "cancelled" };
    if (joinState === "failed") return { ...now, phase: "failed", error: await whyFailed(queue, joinId(job.id!)) };
    return { ...now, phase: joinState === "active" ? "joining" : "making" };
  }
}
