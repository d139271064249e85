import { UsageError } from "@slomo/core";
import type { Job } from "./client_types.d.ts";
import {
  deduplication,
  JOB_OPTIONS,
  joinId,
  mergeId,
  segmentQueue,
  type VideoData,
  VIDEOS,
  videoSchema,
} from "./jobs.ts";
import { OpenQueues } from "./open_queues.ts";
import { classesOf, type QueueServer } from "./server.ts";
import { ENDED, type VideoState, VideoStates } from "./states.ts";

/** Options of {@linkcode QueueClient.submit}. */
export interface SubmitOptions {
  /** Videos with a lower number come first; those without one come before all others. */
  readonly priority?: number | undefined;
}

/** Returns the error of a video whose output another one makes. */
export function outputBusy(id: string, output: string): UsageError {
  return new UsageError(
    `queue: ${id} already makes ${output}; watch it with deno task queue URL watch ${id}, or cancel it`,
    { code: "output-busy" },
  );
}

/** Submits videos to a queue, and watches them. */
export class QueueClient implements AsyncDisposable {
  /** Host and port of the server, for messages. */
  readonly server: string;
  readonly #queues: OpenQueues;
  readonly #states: VideoStates;

  /** Uses a server, which is not closed. */
  constructor(server: QueueServer) {
    this.server = server.name;
    this.#queues = new OpenQueues(classesOf(server));
    this.#states = new VideoStates(this.#queues);
  }

  /**
   * Submits a video.
   *
   * @param video Its locations, and the command that workers read.
   * @returns Its ID.
   * @throws {UsageError} If a video that has not ended makes the same output.
   */
  async submit(
    video: Pick<VideoData, "command" | "input" | "output" | "shards">,
    options: SubmitOptions = {},
  ): Promise<string> {
    const { command, input, output, shards } = video, jobId = `v${crypto.randomUUID().slice(0, 8)}`;
    const maker = await this.#states.makerOf(output);
    if (maker !== undefined) throw outputBusy(maker, output);
    const { id } = await this.#queues.get(VIDEOS).add("video", { command, input, output, shards } satisfies VideoData, {
      jobId,
      ...JOB_OPTIONS,
      ...deduplication(output),
      ...options.priority !== undefined && { priority: options.priority },
    });
    // Someone else has submitted the output meanwhile.
    if (id !== jobId) throw outputBusy(id!, output);
    return jobId;
  }

  /** Returns all videos, the latest first. */
  async list(): Promise<VideoState[]> {
    const jobs = (await this.#states.jobs()).toSorted((a, b) => b.timestamp - a.timestamp);
    return await Promise.all(jobs.map((job) => this.#states.stateOf(job)));
  }

  /** Returns the state of a video. @throws {UsageError} If the server does not know it. */
  async state(id: string): Promise<VideoState> {
    return await this.#states.stateOf(await this.#job(id));
  }

  /**
   * Stops a video; its finished segments are kept.
   *
   * @throws {UsageError} If the server does not know it, or it is done or has failed.
   */
  async cancel(id: string): Promise<void> {
    const job = await this.#job(id), data = videoSchema.parse(job.data), { phase } = await this.#states.stateOf(job);
    if (phase === "done" || phase === "failed") {
      const why = phase === "done" ? "it is done" : "it has failed";
      throw new UsageError(`queue: cannot cancel ${id}: ${why}; list shows the videos that have not ended`);
    }
    await job.updateData({ ...data, isCancelled: true });
    await job.removeDeduplicationKey();
    const { plan, scans } = data, facts = plan?.facts ?? scans?.facts;
    if (facts === undefined) {
      await job.remove().catch(() => {});
      return;
    }
    await (await this.#queues.get(segmentQueue(facts)).getJob(plan ? joinId(id) : mergeId(id)))
      ?.removeUnprocessedChildren();
  }

  /**
   * Submits a video again that has failed or was cancelled, with its priority; workers make the missing segments.
   *
   * @returns Its new ID.
   * @throws {UsageError} If the server does not know it, it is done or has not ended, or another video makes its output.
   */
  async retry(id: string): Promise<string> {
    const job = await this.#job(id), { phase } = await this.#states.stateOf(job);
    if (phase === "done") throw new UsageError(`queue: cannot retry ${id}: it is done; submit it again`);
    if (!ENDED.includes(phase)) {
      throw new UsageError(`queue: cannot retry ${id}: it is still running; watch it, or cancel it first`);
    }
    return await this.submit(videoSchema.parse(job.data), { priority: job.opts.priority });
  }

  /** Closes the connections of this client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queues[Symbol.asyncDispose]();
  }

  async #job(id: string): Promise<Job> {
    const job = await this.#queues.get(VIDEOS).getJob(id);
    if (job) return job;
    throw new UsageError(
      `the queue has no video ${id}; if the server has lost its data, submit the video again: finished segments are kept`,
      { code: "input-not-found" },
    );
  }
}
