import type { PairEngine, PairJob, PairResult } from "@slomo/core";
import { JobError } from "@slomo/core";
import type { PairSetup } from "../backend.ts";
import { fromPosted, type FromWorker, type ToWorker } from "./pair_messages.ts";

/** A worker and the answer that it owes. */
class Thread {
  readonly #worker: Worker;
  #owed: { resolve: (message: FromWorker) => void; reject: (error: Error) => void } | undefined;
  #broken: Error | undefined;
  #closed: (() => void) | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      // The answer to a job that was given up may come before that to "close".
      if (this.#closed) {
        if (data.kind === "closed") this.#closed();
        return;
      }
      const owed = this.#owed;
      this.#owed = undefined;
      if (data.kind === "failed") owed?.reject(fromPosted(data.error));
      else owed?.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.end(new JobError(`a thread died: ${event.message.split("\n", 1)[0]}`));
    };
    worker.onmessageerror = () => this.end(new JobError("a thread answered with what cannot be read"));
  }

  ask(message: ToWorker): Promise<FromWorker> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#owed = { resolve, reject };
      this.#worker.postMessage(message);
    });
  }

  end(reason: Error): void {
    this.#broken ??= reason;
    this.#worker.terminate();
    this.#owed?.reject(this.#broken);
    this.#owed = undefined;
    this.#closed?.();
  }

  /** Gives up the answer that is owed, and ends the thread once it has freed what it holds. */
  async close(reason: Error): Promise<void> {
    if (this.#broken) return;
    this.#broken = reason;
    this.#owed?.reject(reason);
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      this.#worker.postMessage({ kind: "close" } satisfies ToWorker);
    });
    this.#worker.terminate();
  }
}

/** A job that waits for a thread. */
interface Waiting {
  readonly job: PairJob;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: PairResult) => void;
  readonly reject: (error: unknown) => void;
}

/** URL of the module that a worker runs. */
export const PAIR_WORKER: URL = new URL("./pair_worker.ts", import.meta.url);

/** Starts a worker of this package that interpolates frame pairs on a backend of its own. */
export function createPairWorker(): Worker {
  return new Worker(PAIR_WORKER, { type: "module" });
}

/** How a pool is made. */
export interface PoolOptions {
  /** Number of threads, 1 or more. */
  readonly workers: number;
  /** Starts a worker that runs `@slomo/engine/worker`, as {@linkcode createPairWorker} does. */
  readonly createWorker: () => Worker;
  /** URL of the module whose default export defines the backend. */
  readonly module: string;
  /** What each thread needs. */
  readonly setup: PairSetup;
  /** Whether a thread must free what it holds before it ends, after the pair that it is at. @default {false} */
  readonly freesItself?: boolean | undefined;
}

/**
 * Starts threads, each with a backend of its own, and shares pairs out among them.
 *
 * @throws {UsageError} If plugins, options, weights and backend do not fit each other.
 * @throws {JobError} If a thread dies.
 */
export async function openWorkerPool(
  { workers, createWorker, module, setup, freesItself }: PoolOptions,
): Promise<PairEngine> {
  const threads = Array.from({ length: workers }, () => new Thread(createWorker()));
  async function end(reason: Error): Promise<void> {
    if (freesItself) await Promise.all(threads.map((thread) => thread.close(reason)));
    else threads.forEach((thread) => thread.end(reason));
  }
  let device = "";
  try {
    for (const opened of await Promise.all(threads.map((thread) => thread.ask({ kind: "open", module, setup })))) {
      if (opened.kind === "opened") device = opened.device;
    }
  } catch (error) {
    await end(new JobError("the threads were not started"));
    throw error;
  }
  const idle = [...threads], waiting: Waiting[] = [];

  async function work(thread: Thread, { job, signal, resolve, reject }: Waiting): Promise<void> {
    const stop = () => reject(signal!.reason);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const answer = await thread.ask({ kind: "run", job });
      if (answer.kind === "done") resolve(answer.result);
    } catch (error) {
      reject(error);
    } finally {
      signal?.removeEventListener("abort", stop);
      idle.push(thread);
      next();
    }
  }

  function next(): void {
    while (idle.length > 0 && waiting.length > 0) {
      const entry = waiting.shift()!;
      if (entry.signal?.aborted) entry.reject(entry.signal.reason);
      else work(idle.shift()!, entry);
    }
  }

  return {
    backend: setup.backend,
    device,
    parallel: workers,
    run: (job, signal) =>
      new Promise((resolve, reject) => {
        waiting.push({ job, signal, resolve, reject });
        next();
      }),
    async close() {
      const reason = new JobError("the engine was closed");
      for (const { reject } of waiting.splice(0)) reject(reason);
      await end(reason);
    },
  };
}
