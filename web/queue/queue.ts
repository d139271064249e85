/** The queue of jobs: starts, pauses, cancels and ends them. */
import { UsageError } from "@slomo/core";
import { type JobEvent, Pace } from "@slomo/core/video";
import type { Job, JobState } from "../shared/types.ts";
import type { JobStore, StoredJob } from "./store.ts";

/** Signals and callbacks of a running job. */
export interface JobRun {
  /** Stops the job; its finished work is kept. */
  readonly signal: AbortSignal;
  /** Pauses the job between two frames. */
  readonly hold: () => Promise<void> | undefined;
  /** Receives progress. */
  readonly onEvent: (event: JobEvent) => void;
  /** Receives the status of the job on the workers: `3 workers`. */
  readonly onDetail: (detail: string) => void;
}

/** Options of a queue. */
export interface QueueOptions {
  /** Runs a job, from its finished segments if it was started before, and returns the name of its result. */
  readonly run: (job: StoredJob, run: JobRun) => Promise<string>;
  /** Removes the unfinished work of a job. */
  readonly discard: (job: StoredJob) => Promise<void>;
  /** Whether workers on other machines run the jobs: they get all jobs at once, run them in their own order, and cannot pause. */
  readonly isRemote?: boolean;
  /** Called after each change. */
  readonly onChange?: () => void;
  /** Returns the time in seconds, for rates. */
  readonly now?: () => number;
}

/** A job that this process has started, and that may be paused. */
interface Active {
  readonly controller: AbortController;
  readonly pace: Pace;
  readonly ended: Promise<void>;
  rate: number | undefined;
  left: number | undefined;
  detail: string | undefined;
  /** Ends the pause. */
  release: (() => void) | undefined;
  paused: Promise<void> | undefined;
}

/** Milliseconds between two writes of the progress of a job. */
const SAVE_EVERY = 1000;

/** Most notes that a job keeps. */
const MAX_NOTES = 50;

/**
 * Runs the jobs of a store one after another. A paused job keeps its place and its work in memory, and lets the next one run;
 * after a restart it continues from its finished segments.
 */
export class Queue {
  readonly #store: JobStore;
  readonly #options: QueueOptions;
  readonly #active = new Map<string, Active>();
  #isClosed = false;

  /** Creates a queue. {@linkcode start} starts it. */
  constructor(store: JobStore, options: QueueOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Starts the first job. */
  start(): void {
    this.#next();
  }

  /** Returns all jobs in order, with the speed of those that run. */
  jobs(): Job[] {
    return this.#store.all().map((job) => {
      const active = job.state === "running" ? this.#active.get(job.id) : undefined;
      return { ...job, rate: active?.rate, left: active?.left, detail: active?.detail };
    });
  }

  /** Adds a job. */
  add(job: Pick<StoredJob, "file" | "path" | "name" | "settings">): StoredJob {
    const added = this.#store.add(job);
    this.#changed();
    return added;
  }

  /** Pauses a job that waits or runs. */
  pause(id: string): void {
    const { name } = this.#require(id, ["queued", "running"], "paused");
    if (this.#options.isRemote) {
      throw new UsageError(`queue: ${name} cannot be paused: workers make it; cancel it instead`);
    }
    const active = this.#active.get(id);
    if (active) {
      const { promise, resolve } = Promise.withResolvers<void>();
      [active.paused, active.release] = [promise, resolve];
    }
    this.#set(id, "paused");
  }

  /** Lets a paused job run again, when it is its turn. */
  resume(id: string): void {
    this.#require(id, ["paused"], "resumed");
    this.#set(id, "queued");
  }

  /** Cancels a job and removes its unfinished work. */
  async cancel(id: string): Promise<void> {
    const job = this.#require(id, ["queued", "running", "paused"], "canceled"), active = this.#active.get(id);
    this.#set(id, "canceled");
    active?.controller.abort(new DOMException("the job was canceled", "AbortError"));
    await active?.ended;
    await this.#options.discard(job);
    this.#store.update(id, { isStarted: false });
  }

  /** Lets a job that failed or was canceled run again. */
  retry(id: string): void {
    this.#require(id, ["failed", "canceled"], "run again");
    this.#store.update(id, { message: undefined, notes: [], done: 0 });
    this.#set(id, "queued");
  }

  /** Removes a job that has ended from the list; its result stays. */
  async remove(id: string): Promise<void> {
    const job = this.#require(id, ["done", "failed", "canceled"], "removed");
    if (job.state === "failed") await this.#options.discard(job);
    this.#store.remove(id);
    this.#changed();
  }

  /** Changes the order of the jobs. */
  reorder(ids: readonly string[]): void {
    this.#store.reorder(ids);
    this.#changed();
  }

  /** Stops all jobs; they continue after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const active = [...this.#active.values()];
    active.forEach(({ controller }) => controller.abort(new DOMException("the server ends", "AbortError")));
    await Promise.all(active.map(({ ended }) => ended));
  }

  #require(id: string, states: readonly JobState[], what: string): StoredJob {
    const job = this.#store.get(id);
    if (!job) throw new UsageError(`queue: there is no job ${id}`);
    if (states.includes(job.state)) return job;
    throw new UsageError(`queue: ${job.name} cannot be ${what}: it is ${job.state}`);
  }

  #set(id: string, state: JobState): void {
    this.#store.update(id, { state });
    this.#changed();
  }

  #changed(): void {
    this.#next();
    this.#options.onChange?.();
  }

  /** Starts or continues the first job that waits, if none runs; on workers, all that wait. */
  #next(): void {
    if (this.#isClosed) return;
    const jobs = this.#store.all(), waiting = jobs.filter(({ state }) => state === "queued");
    if (this.#options.isRemote) waiting.forEach((job) => this.#begin(job));
    else if (waiting[0] && !jobs.some(({ state }) => state === "running")) this.#begin(waiting[0]);
  }

  #begin(job: StoredJob): void {
    const active = this.#active.get(job.id);
    this.#store.update(job.id, { state: "running" });
    if (active?.release) {
      active.release();
      [active.release, active.paused] = [undefined, undefined];
    } else if (!active) this.#run(job);
  }

  #run(job: StoredJob): void {
    const controller = new AbortController(), { promise: ended, resolve } = Promise.withResolvers<void>();
    const active: Active = {
      ...{ controller, ended, pace: new Pace() },
      ...{ rate: undefined, left: undefined, detail: undefined, release: undefined, paused: undefined },
    };
    this.#active.set(job.id, active);
    this.#work(job, active).then((change) => {
      this.#active.delete(job.id);
      if (change) this.#store.update(job.id, change);
      resolve();
      this.#changed();
    });
  }

  /** Runs a job to its end, and returns the change to store. */
  async #work(job: StoredJob, active: Active): Promise<Parameters<JobStore["update"]>[1] | undefined> {
    const { signal } = active.controller, { now = () => performance.now() / 1000 } = this.#options;
    const notes: string[] = [...job.notes];
    let saved = -Infinity, done = job.done, total = job.total;
    const onEvent = (event: JobEvent) => {
      if (event.type !== "frame") {
        notes.push(event.message);
        if (notes.length <= MAX_NOTES) this.#store.update(job.id, { notes });
        return this.#options.onChange?.();
      }
      ({ done, total } = event);
      const estimate = active.pace.after(event, now());
      [active.rate, active.left] = [estimate?.rate, estimate?.left];
      if (now() - saved < SAVE_EVERY / 1000 && done !== total) return;
      saved = now();
      this.#store.update(job.id, { done, total });
      this.#options.onChange?.();
    };
    const onDetail = (detail: string) => {
      if (active.detail === detail) return;
      active.detail = detail;
      this.#options.onChange?.();
    };
    try {
      this.#store.update(job.id, { isStarted: true });
      const result = await this.#options.run(job, { signal, onEvent, onDetail, hold: () => active.paused });
      return { state: "done", result, done, total: done };
    } catch (error) {
      // A cancelation has set the state; after the end of the server, the job waits again.
      if (signal.aborted) return undefined;
      return { state: "failed", message: error instanceof Error ? error.message : `${error}`, done, total };
    }
  }
}
