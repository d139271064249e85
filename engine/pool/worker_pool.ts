import { JobError, type PairEngine, type PairJob, type PairResult } from "@slomo/core";
import type { WorkerSetup } from "../backend.ts";
import { fromPosted, type FromWorker, type ToWorker } from "./pair_messages.ts";

const WORKER_FAILED = { code: "worker-failed" } as const;

/** A worker and its pending answer. */
class PairWorker {
  readonly #worker: Worker;
  #pending: { resolve: (message: FromWorker) => void; reject: (error: Error) => void } | undefined;
  #broken: Error | undefined;
  #closed: (() => void) | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      // The answer to an abandoned job may arrive before the answer to "close".
      if (this.#closed) {
        if (data.kind === "closed") this.#closed();
        return;
      }
      const pending = this.#pending;
      this.#pending = undefined;
      if (data.kind === "failed") pending?.reject(fromPosted(data.error));
      else pending?.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.end(new JobError(`a worker died: ${event.message.split("\n", 1)[0]}`, WORKER_FAILED));
    };
    worker.onmessageerror = () =>
      this.end(new JobError("the message of a worker cannot be deserialized", WORKER_FAILED));
  }

  ask(message: ToWorker): Promise<FromWorker> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.postMessage(message);
    });
  }

  end(reason: Error): void {
    this.#broken ??= reason;
    this.#worker.terminate();
    this.#pending?.reject(this.#broken);
    this.#pending = undefined;
    this.#closed?.();
  }

  /** Abandons the pending answer and ends the worker after it has closed its backend. */
  async close(reason: Error): Promise<void> {
    if (this.#broken) return;
    this.#broken = reason;
    this.#pending?.reject(reason);
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      this.#worker.postMessage({ kind: "close" } satisfies ToWorker);
    });
    this.#worker.terminate();
  }
}

/** A job that waits for a worker. */
interface Waiting {
  readonly job: PairJob;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: PairResult) => void;
  readonly reject: (error: unknown) => void;
}

/** URL of the module that a worker runs. */
export const PAIR_WORKER: URL = new URL("./pair_worker.ts", import.meta.url);

/** Starts a worker of this package that interpolates frame pairs on its own backend. */
export function createPairWorker(): Worker {
  return new Worker(PAIR_WORKER, { type: "module" });
}

/** Options of {@linkcode openWorkerPool}. */
export interface PoolOptions {
  /** Number of workers, at least 1. */
  readonly workers: number;
  /** Whether all workers but the first start when jobs wait for them, one after the other. @default {false} */
  readonly startsOnDemand?: boolean | undefined;
  /** Starts a worker that runs `@slomo/engine/worker`, as {@linkcode createPairWorker} does. */
  readonly createWorker: () => Worker;
  /** URL of the module whose default export defines the backend. */
  readonly module: string;
  /** Posted to each worker. */
  readonly setup: WorkerSetup;
  /** Whether workers finish their current pair and close their backend before they end. @default {false} */
  readonly closesBackend?: boolean | undefined;
}

/**
 * Starts workers, each with its own backend, and distributes frame pairs over them. Resolves when all are ready, or with
 * `startsOnDemand` the first.
 *
 * @throws {UsageError} If plugins, options, weights and backend do not match.
 * @throws {JobError} If a worker dies.
 */
export async function openWorkerPool(
  { workers: count, startsOnDemand = false, createWorker, module, setup, closesBackend }: PoolOptions,
): Promise<PairEngine> {
  const workers: PairWorker[] = [];
  async function end(reason: Error): Promise<void> {
    if (closesBackend) await Promise.all(workers.map((worker) => worker.close(reason)));
    else workers.forEach((worker) => worker.end(reason));
  }
  let device = "";
  async function start(): Promise<PairWorker> {
    const worker = new PairWorker(createWorker());
    workers.push(worker);
    const opened = await worker.ask({ kind: "open", module, setup });
    if (opened.kind === "opened") device = opened.device;
    return worker;
  }
  const idle: PairWorker[] = [], waiting: Waiting[] = [];
  try {
    idle.push(...await Promise.all(Array.from({ length: startsOnDemand ? 1 : count }, start)));
  } catch (error) {
    await end(new JobError("the workers were not started", { code: "worker-failed" }));
    throw error;
  }
  let missing = count - idle.length, isStarting = false;

  async function work(worker: PairWorker, { job, signal, resolve, reject }: Waiting): Promise<void> {
    const stop = () => reject(signal!.reason);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const answer = await worker.ask({ kind: "run", job });
      if (answer.kind === "done") resolve(answer.result);
    } catch (error) {
      reject(error);
    } finally {
      signal?.removeEventListener("abort", stop);
      idle.push(worker);
      next();
    }
  }

  function next(): void {
    while (idle.length > 0 && waiting.length > 0) {
      const entry = waiting.shift()!;
      if (entry.signal?.aborted) entry.reject(entry.signal.reason);
      else work(idle.shift()!, entry);
    }
    if (waiting.length > 0 && missing > 0 && !isStarting) void startAnother();
  }

  async function startAnother(): Promise<void> {
    isStarting = true;
    missing--;
    try {
      idle.push(await start());
    } catch {
      // The first one works, so this one lacks memory or threads, and others would too. Those that run do the work.
      missing = 0;
      workers.pop()!.end(new JobError("the worker was not started", WORKER_FAILED));
    }
    isStarting = false;
    next();
  }

  return {
    backend: setup.backend,
    device,
    parallel: count,
    run: (job, signal) =>
      new Promise((resolve, reject) => {
        waiting.push({ job, signal, resolve, reject });
        next();
      }),
    async close() {
      const reason = new JobError("the engine was closed", { code: "engine-closed" });
      missing = 0;
      for (const { reject } of waiting.splice(0)) reject(reason);
      await end(reason);
    },
  };
}
