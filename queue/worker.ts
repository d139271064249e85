import { reasonOf } from "@slomo/core";
import { unlessAborted } from "@slomo/core/video";
// @ts-types="./client_types.d.ts"
import { DelayedError, UnrecoverableError, WaitingError } from "bullmq";
import { whileAnswered } from "./answer.ts";
import { outputBusy } from "./client.ts";
import type { Job } from "./client_types.d.ts";
import {
  type ChildJobs,
  flowOf,
  joinId,
  mergeId,
  SCANS,
  type SegmentProgress,
  segmentQueue,
  segmentSchema,
  type VideoData,
  VIDEOS,
  videoSchema,
} from "./jobs.ts";
import { LookAhead } from "./look_ahead.ts";
import { OpenQueues } from "./open_queues.ts";
import { classesOf, type QueueServer } from "./server.ts";
import { VideoStates } from "./states.ts";

/** A planned video. */
export interface PlannedVideo {
  /** Number of output frames. */
  readonly frames: number;
  /** Number of segments. */
  readonly segments: number;
  /** Numbers of the segments that are not made yet. */
  readonly missing: readonly number[];
}

/** A video whose source is divided into shards, which are scanned before it is planned. */
export interface DividedVideo {
  /** Number of shards. */
  readonly shards: number;
  /** Numbers of the shards that are not scanned yet. */
  readonly missing: readonly number[];
}

/** How to run a step. */
export interface StepRun {
  /** Stops the step. */
  readonly signal: AbortSignal;
  /** Called with the frames of a segment or a shard that are done, and the number of all, if it is known. */
  readonly onFrame?: ((done: number, total?: number) => void) | undefined;
}

/**
 * The steps of a video on this machine. They can be repeated, and run at once on several machines. An error with the name
 * `UsageError` is final, unless its code is `facts-differ`: then the step is left to another worker.
 */
export interface VideoSteps {
  /** Hash of everything about this machine that results depend on: 12 hexadecimal digits. */
  readonly facts: string;
  /**
   * Plans the video of a command, or divides its source into shards.
   *
   * @param shards Number of shards. @default {chosen by the length of the source}
   */
  plan(video: string, command: unknown, run: StepRun, shards?: number): Promise<PlannedVideo | DividedVideo>;
  /** Scans a shard. */
  scan(video: string, command: unknown, index: number, run: StepRun): Promise<void>;
  /** Plans a video from its shards. */
  merge(video: string, command: unknown, run: StepRun): Promise<PlannedVideo>;
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
  /** Whether to scan shards only, which needs no model. @default {false} */
  readonly scanOnly?: boolean | undefined;
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
  const { steps, name, onNote, signal, once = false, scanOnly = false, lock = 30 } = run;
  const classes = classesOf(server), pinned = segmentQueue(steps.facts);
  let isLost = false;
  const onError = (error: Error) => {
    if (isLost || signal.aborted) return;
    isLost = true;
    onNote(`the connection to ${server.name} is disturbed: ${reasonOf(error)}`);
  };
  await using queues = new OpenQueues(classes, onError);
  const videos = queues.get(VIDEOS), segments = queues.get(pinned), scans = queues.get(SCANS), flow = classes.flow();
  const states = new VideoStates(queues), works = new Set<Promise<unknown>>();
  let running = 0;

  /** Runs a step, and translates how it ends for the queue. */
  async function step<T>(
    job: Job,
    token: string | undefined,
    id: string,
    work: (video: VideoData, step: StepRun) => Promise<T>,
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
      const working = work(videoSchema.parse(video!.data), { signal: stop.signal });
      works.add(working);
      return await working.finally(() => works.delete(working));
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
      if (isUsageError(error) || error instanceof UnrecoverableError) throw new UnrecoverableError(reasonOf(error));
      throw new Error(reasonOf(error));
    } finally {
      clearInterval(timer);
      signal.removeEventListener("abort", onStop);
      running--;
    }
  }

  /** Returns a function that reports the frames of a job from time to time, and one that returns its seconds so far. */
  function progressOf(job: Job) {
    const begun = performance.now(), seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
    let reported = begun;
    const onFrame = (done: number, total?: number) => {
      const now = performance.now();
      if (now - reported < REPORT_EVERY && done > 1) return;
      reported = now;
      const rate = Number((done / ((now - begun) / 1000)).toFixed(2));
      void job.updateProgress({ done, total, rate, worker: name } satisfies SegmentProgress).catch(() => {});
    };
    return { onFrame, seconds };
  }

  /** Adds child jobs and their parent, unless an earlier attempt has added them. */
  async function addJobs(jobs: ChildJobs): Promise<void> {
    if (await segments.getJob(jobs.parentId) === undefined) await flow.add(flowOf(pinned, jobs));
  }

  async function addSegments(
    job: Job,
    video: string,
    { frames, segments: count, missing }: PlannedVideo,
  ): Promise<void> {
    onNote(`${video}: ${frames} frames in ${count} segments, ${missing.length} of them to make`);
    const plan = { facts: steps.facts, frames, segments: count, missing: missing.length };
    const { priority } = job.opts, children = { child: "segment", queueName: pinned };
    await addJobs({ video, missing, priority, name: "join", parentId: joinId(video), ...children });
    await update(video, { plan });
  }

  async function update(id: string, change: Pick<VideoData, "plan" | "scans">): Promise<void> {
    const video = await videos.getJob(id);
    await video?.updateData({ ...videoSchema.parse(video.data), ...change });
  }

  async function addScans(job: Job, video: string, { shards, missing }: DividedVideo): Promise<void> {
    onNote(`${video}: ${shards} shards, ${missing.length} of them to scan`);
    const { priority } = job.opts, children = { child: "scan", queueName: SCANS };
    await addJobs({ video, missing, priority, name: "merge", parentId: mergeId(video), ...children });
    await update(video, { scans: { facts: steps.facts, shards, missing: missing.length } });
  }

  /** @throws {UsageError} If a video that was submitted before makes the same output. */
  async function checkOutput(video: string, output: string): Promise<void> {
    const maker = await states.makerOf(output, video);
    if (maker !== undefined) throw outputBusy(maker, output);
  }

  const planVideo = (job: Job, token?: string) =>
    step(job, token, job.id!, async ({ command, output, shards: asked }, run) => {
      const video = job.id!, { signal } = run;
      await unlessAborted(checkOutput(video, output), signal);
      const found = await steps.plan(video, command, run, asked);
      const added = "shards" in found ? addScans(job, video, found) : addSegments(job, video, found);
      await unlessAborted(added, signal);
    });

  const scan = (job: Job, token?: string) => {
    const { video, index } = segmentSchema.parse(job.data);
    return step(job, token, video, async ({ command }, run) => {
      const { onFrame, seconds } = progressOf(job);
      await steps.scan(video, command, index!, { ...run, onFrame });
      onNote(`${video}: shard ${index} in ${seconds()} s`);
    });
  };

  /**
   * Runs a step that needs the results of other jobs.
   *
   * @throws {UnrecoverableError} If it fails because some of them have failed. They may have been retried since.
   */
  async function afterOthers<T>(job: Job, { signal }: StepRun, work: () => Promise<T>, problem: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      const lost = Object.values(await unlessAborted(job.getIgnoredChildrenFailures(), signal));
      if (lost.length === 0) throw error;
      throw new UnrecoverableError(
        `${lost.length} ${problem}: ${lost[0]}; the others are kept: retry makes the missing ones`,
      );
    }
  }

  async function mergeMakeOrJoin(job: Job, token?: string): Promise<void> {
    using current = ahead.begin();
    const { video, index } = segmentSchema.parse(job.data);
    await step(job, token, video, async ({ command }, run) => {
      if (job.name === "merge") {
        const planned = await afterOthers(
          job,
          run,
          () => steps.merge(video, command, run),
          "shards could not be scanned",
        );
        return await unlessAborted(addSegments(job, video, planned), run.signal);
      }
      if (index === undefined) {
        await afterOthers(job, run, () => steps.join(video, command, run), "segments could not be made");
        onNote(`${video}: joined`);
        return;
      }
      const { onFrame: report, seconds } = progressOf(job);
      const onFrame = (done: number, total?: number) => {
        report(done, total);
        if (total !== undefined) current.onFrame(done, total);
      };
      await steps.make(video, command, index, { ...run, onFrame });
      onNote(`${video}: segment ${index} in ${seconds()} s`);
    });
  }

  const limits = {
    lockDuration: lock * 1000,
    stalledInterval: lock * 500,
    maxStalledCount: 10,
    drainDelay: 2,
    name,
  };
  const maker = scanOnly ? undefined : classes.worker(pinned, mergeMakeOrJoin, limits),
    ahead = new LookAhead(() => maker!);
  const workers = [
    classes.worker(SCANS, scan, limits),
    ...maker ? [classes.worker(VIDEOS, planVideo, limits), maker] : [],
  ];
  for (const worker of workers) worker.on("error", onError);
  flow.on("error", onError);
  for (const worker of workers) {
    worker.on("stalled", (id: string) => onNote(`${id} is given to another worker: its worker does not answer`));
    worker.on("active", () => isLost = false);
  }
  const ready = Promise.all(workers.map((worker) => worker.waitUntilReady()));
  await unlessAborted(ready.then(() => onNote(`ready; facts ${steps.facts}`)), signal).catch((error) => {
    if (!signal.aborted) throw error;
  });
  const mine = scanOnly ? [scans] : [videos, segments, scans];
  await ended(signal, once ? async () => running === 0 && await isEmpty(mine) : undefined);
  const closed = Promise.all(workers.map((worker) => worker.close()));
  if (!await whileAnswered(closed, () => videos.getJobCounts())) {
    onNote(`${server.name} does not answer; unfinished steps are given to other workers`);
    await Promise.allSettled(works);
    for (const worker of workers) void worker.disconnect().catch(() => {});
  }
  await flow.close();
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
