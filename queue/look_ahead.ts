import { createEndWatch } from "@slomo/core/segments";
import type { Worker } from "./client_types.d.ts";

/** A job that is being processed. */
export interface RunningJob extends Disposable {
  /** Receives the progress of a segment. */
  onFrame(done: number, total: number): void;
}

/**
 * Lets a worker take one more job shortly before it has made a segment, so that the next segment is prepared while the last
 * frames of this one are computed and encoded. Earlier, the job could keep an idle worker waiting.
 */
export class LookAhead {
  readonly #worker: () => Worker;
  #running = 0;

  /** @param worker Returns the worker, which processes one job at a time. */
  constructor(worker: () => Worker) {
    this.#worker = worker;
  }

  /** Registers a job; dispose of the result when the job has ended. */
  begin(): RunningJob {
    const worker = this.#worker(), isNearEnd = createEndWatch();
    let hasAsked = false;
    worker.concurrency = 1;
    this.#running++;
    return {
      onFrame(done, total) {
        if (hasAsked || !isNearEnd(done, total)) return;
        hasAsked = true;
        worker.concurrency = 2;
        // A worker that is resumed looks for a job at once; otherwise it does when one of its jobs ends.
        void worker.pause(true);
        void worker.resume();
      },
      [Symbol.dispose]: () => {
        if (--this.#running === 0) worker.concurrency = 1;
      },
    };
  }
}
