import { JobError, UsageError } from "@slomo/core";
import type { Batch } from "./batch.ts";

/** Asks a worker for the batch at a place of the run. */
export interface BatchRequest {
  /** The place. */
  readonly index: number;
}

/** What a worker answers. */
export type BatchAnswer =
  | { readonly type: "batch"; readonly batch: Batch }
  | { readonly type: "error"; readonly name: string; readonly message: string };

/** The half of a `Worker` or of `self` that passes messages. */
export interface MessagePort<In, Out> {
  /** Sends; `transfer` names buffers that change hands. */
  postMessage(message: Out, transfer: Transferable[]): void;
  /** Called with what comes. */
  onmessage: ((event: MessageEvent<In>) => void) | null;
}

/** A worker that answers with batches, as `serveBatches` does. */
export interface LoaderWorker extends MessagePort<BatchAnswer, BatchRequest> {
  /** Called if the worker fails. */
  onerror: ((event: ErrorEvent) => void) | null;
  /** Ends the worker. */
  terminate(): void;
}

/** Batches in the order of the run. */
export interface Loader {
  /** The next batch. @throws {JobError} If its data cannot be read. */
  next(): Promise<Batch>;
  /** Share of the time since the last call of this that went by in waiting for batches, 0 to 1. */
  waiting(): number;
  /** Ends the workers. */
  close(): void;
}

/** How many batches are made ahead for each worker: one on the way, one at hand. */
const AHEAD = 2;

/**
 * Takes batches from workers, in order whatever their number. Makes a few ahead and no more, so that memory is bounded.
 *
 * @param workers Threads that are ready to answer; they belong to the loader.
 * @param from Place in the run of the first batch.
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
      fail(new JobError(`a worker that loads training data failed: ${event.message}`));
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

/** A worker's half of the loader: makes the batches that it is asked for, one after the other, until it is ended. */
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
