import { reasonOf } from "@slomo/core";
// @ts-types="./client_types.d.ts"
import { DelayedError, UnrecoverableError, WaitingError } from "bullmq";
import type { FlowProducer, Job } from "./client_types.d.ts";
import { JOB_OPTIONS, joinId, type SegmentProgress, segmentQueue, segmentSchema, VIDEOS, videoSchema } from "./jobs.ts";
import { classesOf, type QueueServer } from "./server.ts";

/** A planned video. */
export interface PlannedVideo {
  /** Number of output frames. */
  readonly frames: number;
  /** Number of segments. */
  readonly segments: number;
  /** Numbers of the segments that are not made yet. */
  readonly missing: readonly number[];
}

/** How to run a step. */
export interface StepRun {
  /** Stops the step. */
  readonly signal: AbortSignal;
  /** Called with the frames of a segment that are done, and the number of all. */
  readonly onFrame?: ((done: number, total: number) => void) | undefined;
}

/**
 * The steps of a video on this machine. They can be repeated, and run at once on several machines. An error with the name
 * `UsageError` is final, unless its code is `facts-differ`: then the step is left to another worker.
 */
export interface VideoSteps {
  /** Hash of everything about this machine that results depend on: 12 hexadecimal digits. */
  readonly facts: string;
  /** Plans the video of a command. */
  plan(video: string, command: unknown, run: StepRun): Promise<PlannedVideo>;
  /** Makes a segment. */
  make(video: string, command: unknown, index: number, run: StepRun): Promise<void>;
  /** Joins the segments. */
  join(video: string, command: unknown, run: StepRun): Promise<void>;
}

/** Options of {@linkcode runWorker}. */
export interface WorkerRun {
  /** The steps. */
  readonly steps: VideoSteps;
  /** Name of the worker in the progress of its videos. */
  readonly name: string;
  /** Stops the worker, which returns its segment to the queue. */
  readonly signal: AbortSignal;
  /** Called with remarks. */
  readonly onNote: (message: string) => void;
  /** Whether to end when nothing is left to do. @default {false} */
  readonly once?: boolean | undefined;
  /** Seconds without an answer after which the work of a worker is given to another one. @default {30} */
  readonly lock?: number | undefined;
}

/** Milliseconds between two reports of progress, which are also the times at which a worker learns of a cancellation. */
const REPORT_EVERY = 2000;

/** Milliseconds after which another worker may take a step that this one must leave. */
const LEAVE_FOR = 2000;

const isUsageError = (error: unknown): error is Error & { readonly code?: string } =>
  error instanceof Error && error.name === "UsageError";

/** Why a step was stopped. */
class Stopped extends Error {
  constructor(readonly why: "cancelled" | "stopping") {
    super(why);
  }
}

/**
 * Plans, makes and joins videos of a queue until it is stopped, or until nothing is left to do.
 *
 * @throws {JobError} If the connection cannot be used.
 */
export async function runWorker(server: QueueServer, run: WorkerRun): Promise<void> {
  const { steps, name, onNote, signal, once = false, lock = 30 } = run;
  const classes = classesOf(server), pinned = segmentQueue(steps.facts);
  const videos = classes.queue(VIDEOS), segments = classes.queue(pinned), flow = classes.flow();
  let running = 0;

  /** Runs a step, and translates how it ends for the queue. */
  async function step<T>(
    job: Job,
    token: string | undefined,
    id: string,
    work: (command: unknown, step: StepRun) => Promise<T>,
  ): Promise<T> {
    running++;
    const stop = new AbortController(), onStop = () => stop.abort(new Stopped("stopping"));
    signal.addEventListener("abort", onStop, { once: true });
    const look = async () => {
      const video = await videos.getJob(id);
      if (!video || videoSchema.parse(video.data).isCancelled) stop.abort(new Stopped("cancelled"));
      return video;
    };
    const timer = setInterval(() => void look().catch(() => {}), REPORT_EVERY);
    try {
      if (signal.aborted) onStop();
      const video = await look();
      stop.signal.throwIfAborted();
      return await work(videoSchema.parse(video!.data).command, { signal: stop.signal });
    } catch (error) {
      const why = stop.signal.reason instanceof Stopped ? stop.signal.reason.why : undefined;
      if (why === "cancelled") throw new UnrecoverableError("cancelled");
      if (why === "stopping") {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (isUsageError(error) && error.code === "facts-differ") {
        onNote(`leaves ${job.name} ${job.id} to another worker: ${reasonOf(error)}`);
        await job.moveToDelayed(Date.now() + LEAVE_FOR, token);
        throw new DelayedError();
      }
      onNote(`${job.name} ${job.id}: attempt ${job.attemptsMade + 1} failed: ${reasonOf(error)}`);
      if (isUsageError(error)) throw new UnrecoverableError(reasonOf(error));
      throw new Error(reasonOf(error));
    } finally {
      clearInterval(timer);
      signal.removeEventListener("abort", onStop);
      running--;
    }
  }

  const planVideo = (job: Job, token?: string) =>
    step(job, token, job.id!, async (command, run) => {
      const { frames, segments: count, missing } = await steps.plan(job.id!, command, run);
      onNote(`${job.id}: ${frames} frames in ${count} segments, ${missing.length} of them to make`);
      const plan = { facts: steps.facts, frames, segments: count, missing: missing.length };
      await addSegments(flow, pinned, { video: job.id!, missing, priority: job.opts.priority }, async () =>
        await segments.getJob(joinId(job.id!)) !== undefined);
      await job.updateData({ ...videoSchema.parse(job.data), plan });
    });

  async function makeOrJoin(job: Job, token?: string): Promise<void> {
    const { video, index } = segmentSchema.parse(job.data);
    await step(job, token, video, async (command, run) => {
      if (index === undefined) {
        const lost = Object.entries(await job.getIgnoredChildrenFailures());
        if (lost.length > 0) {
          throw new UnrecoverableError(
            `${lost.length} segments could not be made: ${
              lost[0]![1]
            }; the others are kept: retry makes the missing ones`,
          );
        }
        await steps.join(video, command, run);
        onNote(`${video}: joined`);
        return;
      }
      const begun = performance.now();
      let reported = begun;
      const onFrame = (done: number, total: number) => {
        const now = performance.now();
        if (now - reported < REPORT_EVERY && done > 1) return;
        reported = now;
        const rate = Number((done / ((now - begun) / 1000)).toFixed(2));
        void job.updateProgress({ done, total, rate, worker: name } satisfies SegmentProgress).catch(() => {});
      };
      await steps.make(video, command, index, { ...run, onFrame });
      onNote(`${video}: segment ${index} in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    });
  }

  const limits = {
    lockDuration: lock * 1000,
    stalledInterval: lock * 500,
    maxStalledCount: 10,
    drainDelay: 2,
    name,
  };
  const workers = [classes.worker(VIDEOS, planVideo, limits), classes.worker(pinned, makeOrJoin, limits)];
  let isLost = false;
  const onError = (error: Error) => {
    if (isLost || signal.aborted) return;
    isLost = true;
    onNote(`the connection to ${server.name} is disturbed: ${reasonOf(error)}`);
  };
  for (const worker of workers) worker.on("error", onError);
  for (const queue of [videos, segments]) queue.on("error", onError);
  flow.on("error", onError);
  for (const worker of workers) {
    worker.on("stalled", (id: string) => onNote(`${id} is given to another worker: its worker does not answer`));
    worker.on("active", () => isLost = false);
  }
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  onNote(`ready; facts ${steps.facts}`);
  await ended(signal, once ? async () => running === 0 && await isEmpty([videos, segments]) : undefined);
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all([videos.close(), segments.close(), flow.close()]);
}

/** Adds the jobs of missing segments, and that of the join, which waits for them; not if an earlier attempt has added them. */
async function addSegments(
  flow: FlowProducer,
  queueName: string,
  { video, missing, priority }: {
    readonly video: string;
    readonly missing: readonly number[];
    readonly priority: number | undefined;
  },
  isAdded: () => Promise<boolean>,
): Promise<void> {
  if (await isAdded()) return;
  const opts = { ...JOB_OPTIONS, ...priority !== undefined && priority > 0 && { priority } };
  await flow.add({
    name: "join",
    queueName,
    data: { video },
    opts: { ...opts, jobId: joinId(video) },
    children: missing.map((index) => ({
      name: "segment",
      queueName,
      data: { video, index },
      opts: { ...opts, jobId: `${video}-${index}`, ignoreDependencyOnFailure: true },
    })),
  });
}

async function isEmpty(queues: readonly { getJobCounts(): Promise<Record<string, number>> }[]): Promise<boolean> {
  for (const queue of queues) {
    const { waiting = 0, active = 0, prioritized = 0, delayed = 0, ["waiting-children"]: parents = 0 } = await queue
      .getJobCounts();
    if (waiting + active + prioritized + delayed + parents > 0) return false;
  }
  return true;
}

/** Resolves when the signal aborts, or a check that is repeated succeeds. */
async function ended(signal: AbortSignal, isDone?: () => Promise<boolean>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = isDone && setInterval(() => void isDone().then((done) => done && resolve()).catch(() => {}), 500);
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await promise;
  if (timer !== undefined) clearInterval(timer);
}
