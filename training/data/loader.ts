import { JobError, UsageError } from "@slomo/core";
import type { Batch } from "./batch.ts";

/** Request to a worker for the batch at a position of the run. */
export interface BatchRequest {
  /** Position. */
  readonly index: number;
}

/** Response of a worker. */
export type BatchAnswer =
  | { readonly type: "batch"; readonly batch: Batch }
  | { readonly type: "error"; readonly name: string; readonly message: string };

/** The part of `Worker` and of `self` that passes messages. */
export interface MessagePort<In, Out> {
  /** Sends a message; `transfer` lists the buffers to transfer. */
  postMessage(message: Out, transfer: Transferable[]): void;
  /** Called with each message. */
  onmessage: ((event: MessageEvent<In>) => void) | null;
}

/** A worker that responds with batches, as `serveBatches` does. */
export interface LoaderWorker extends MessagePort<BatchAnswer, BatchRequest> {
  /** Called if the worker fails. */
  onerror: ((event: ErrorEvent) => void) | null;
  /** Terminates the worker. */
  terminate(): void;
}

/** Batches in the order of the run. */
export interface Loader {
  /** Returns the next batch. @throws {JobError} If its data cannot be read. */
  next(): Promise<Batch>;
  /** Returns the share of the time since the previous call that was spent waiting for batches, 0 to 1. */
  waiting(): number;
  /** Terminates the workers. */
  close(): void;
}

/** Batches requested ahead per worker: one in progress, one ready. */
const AHEAD = 2;

/**
 * Creates a loader that takes batches from workers in order. It requests a few batches ahead, so that memory is bounded.
 *
 * @param workers Workers that serve batches; they belong to the loader.
 * @param from Position in the run of the first batch.
 */
export function createLoader(workers: readonly LoaderWorker[], from: number): Loader {
  const pending = new Map<number, PromiseWithResolvers<Batch>>();
  let asked = from, given = from, waited = 0, since = performance.now(), failure: Error | undefined;

  function fail(error: Error): void {
    failure ??= error;
    for (const { reject } of pending.values()) reject(failure);
  }

  for (const worker of workers) {
    worker.onmessage = ({ data }) => {
      if (data.type === "batch") pending.get(data.batch.index)?.resolve(data.batch);
      else fail(new (data.name === "UsageError" ? UsageError : JobError)(data.message));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(new JobError(`a worker that loads training data failed: ${event.message}`, { code: "worker-failed" }));
    };
  }

  function ask(): void {
    while (asked < given + AHEAD * workers.length) {
      const promise = Promise.withResolvers<Batch>();
      promise.promise.catch(() => {});
      pending.set(asked, promise);
      workers[asked % workers.length]!.postMessage({ index: asked }, []);
      asked++;
    }
  }

  ask();
  return {
    async next() {
      if (failure) throw failure;
      const index = given++, begun = performance.now();
      ask();
      const batch = await pending.get(index)!.promise;
      waited += performance.now() - begun;
      pending.delete(index);
      return batch;
    },
    waiting() {
      const now = performance.now(), share = waited / Math.max(now - since, 1e-3);
      waited = 0;
      since = now;
      return share;
    },
    close() {
      fail(new JobError("the loader is closed"));
      for (const worker of workers) worker.terminate();
    },
  };
}

function buffersOf({ first, second, groundTruths, times, flow }: Batch): ArrayBuffer[] {
  return [first, second, groundTruths, times, ...(flow ? [flow.forward, flow.backward] : [])].map(({ buffer }) =>
    buffer
  );
}

/** Serves batches in a worker: draws each batch that the loader requests. */
export function serveBatches(port: MessagePort<BatchRequest, BatchAnswer>, draw: (index: number) => Batch): void {
  port.onmessage = ({ data: { index } }) => {
    try {
      const batch = draw(index);
      port.postMessage({ type: "batch", batch }, buffersOf(batch));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ type: "error", name, message }, []);
    }
  };
}
