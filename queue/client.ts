import { UsageError } from "@slomo/core";
import type { Job, Queue } from "./client_types.d.ts";
import {
  JOB_OPTIONS,
  joinId,
  mergeId,
  SCANS,
  type SegmentProgress,
  segmentQueue,
  type VideoData,
  VIDEOS,
  videoSchema,
  type VideoShards,
} from "./jobs.ts";
import { classesOf, type QueueClasses, type QueueServer } from "./server.ts";

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

/** Options of {@linkcode QueueClient.submit}. */
export interface SubmitOptions {
  /** Videos with a lower number come first; those without one come before all others. */
  readonly priority?: number | undefined;
}

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

/** Submits videos to a queue, and watches them. */
export class QueueClient implements AsyncDisposable {
  readonly #server: QueueClasses;
  readonly #videos: Queue;
  readonly #scans: Queue;
  /** Queues of segments by their facts. */
  readonly #segments = new Map<string, Queue>();

  /** Uses a server, which is not closed. */
  constructor(server: QueueServer) {
    this.#server = classesOf(server);
    [this.#videos, this.#scans] = [this.#server.queue(VIDEOS), this.#server.queue(SCANS)];
    for (const queue of [this.#videos, this.#scans]) queue.on("error", () => {});
  }

  /**
   * Submits a video.
   *
   * @param video Its locations, and the command that workers read.
   * @returns Its ID.
   */
  async submit(
    video: Pick<VideoData, "command" | "input" | "output" | "shards">,
    options: SubmitOptions = {},
  ): Promise<string> {
    const { command, input, output, shards } = video, jobId = `v${crypto.randomUUID().slice(0, 8)}`;
    await this.#videos.add("video", { command, input, output, shards } satisfies VideoData, {
      jobId,
      ...JOB_OPTIONS,
      ...options.priority !== undefined && { priority: options.priority },
    });
    return jobId;
  }

  /** Returns all videos, the latest first. */
  async list(): Promise<VideoState[]> {
    const jobs = await this.#videos.getJobs([
      "active",
      "waiting",
      "prioritized",
      "delayed",
      "completed",
      "failed",
    ]);
    jobs.sort((a, b) => b.timestamp - a.timestamp);
    return await Promise.all(jobs.map((job) => this.#stateOf(job)));
  }

  /** Returns the state of a video. @throws {UsageError} If the server does not know it. */
  async state(id: string): Promise<VideoState> {
    return await this.#stateOf(await this.#job(id));
  }

  /** Stops a video; its finished segments are kept. @throws {UsageError} If the server does not know it. */
  async cancel(id: string): Promise<void> {
    const job = await this.#job(id), data = videoSchema.parse(job.data);
    await job.updateData({ ...data, isCancelled: true });
    const { plan, scans } = data, facts = plan?.facts ?? scans?.facts;
    if (facts === undefined) {
      await job.remove().catch(() => {});
      return;
    }
    await (await this.#segmentsOf(facts).getJob(plan ? joinId(id) : mergeId(id)))?.removeUnprocessedChildren();
  }

  /**
   * Submits a video again, with its priority; workers make the missing segments.
   *
   * @returns Its new ID.
   * @throws {UsageError} If the server does not know it.
   */
  async retry(id: string): Promise<string> {
    const { data, opts: { priority } } = await this.#job(id);
    return await this.submit(videoSchema.parse(data), { priority });
  }

  /** Closes the connections of this client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#videos, this.#scans, ...this.#segments.values()].map((queue) => queue.close()));
  }

  /** Returns the queue of segments for workers with the same facts. It stays open, because a state is read again and again. */
  #segmentsOf(facts: string): Queue {
    const found = this.#segments.get(facts);
    if (found) return found;
    const queue = this.#server.queue(segmentQueue(facts));
    queue.on("error", () => {});
    this.#segments.set(facts, queue);
    return queue;
  }

  async #job(id: string): Promise<Job> {
    const job = await this.#videos.getJob(id);
    if (job) return job;
    throw new UsageError(
      `the queue has no video ${id}; if the server has lost its data, submit the video again: finished segments are kept`,
      { code: "input-not-found" },
    );
  }

  /** Returns the state of a video whose shards are scanned. */
  async #scanState(
    id: string,
    { facts, shards, missing }: VideoShards,
  ): Promise<Pick<VideoState, "phase" | "scanned" | "active" | "error">> {
    const queue = this.#segmentsOf(facts), merge = await queue.getJob(mergeId(id));
    const { processed = 0 } = await merge?.getDependenciesCount() ?? {};
    const scanned = { done: shards - missing + processed, shards };
    const isFailed = await merge?.getState() === "failed";
    if (isFailed) return { phase: "failed", scanned, active: [], error: await whyFailed(queue, mergeId(id)) };
    return { phase: "planning", scanned, active: await activeIn(this.#scans, id, "scan"), error: undefined };
  }

  async #stateOf(job: Job): Promise<VideoState> {
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
        return { ...base, phase: "failed", frames: undefined, error: await whyFailed(this.#videos, job.id!) };
      }
      return { ...base, phase: state === "active" ? "planning" : "waiting", frames: undefined };
    }
    const { frames, segments, missing, facts } = plan, queue = this.#segmentsOf(facts);
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
