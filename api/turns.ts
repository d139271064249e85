import type { PairEngine } from "@slomo/core";
import { unlessAborted } from "@slomo/core/video";

/** An engine that one segment uses. */
export interface EngineTurn {
  /** Computes frame pairs when it is the turn of the segment. */
  readonly engine: PairEngine;
  /** Gives the engine to the segment that was begun next. */
  readonly end: () => void;
}

/**
 * Lets segments that are made at the same time use an engine one after another, in the order in which they were begun: so one
 * is prepared while the engine computes another, and none is slowed down by the next.
 */
export class EngineTurns {
  #last: Promise<void> = Promise.resolve();

  /** Takes the next turn. */
  take(engine: PairEngine): EngineTurn {
    const before = this.#last, { promise, resolve } = Promise.withResolvers<void>();
    this.#last = Promise.all([before, promise]).then(() => {});
    return {
      engine: {
        ...{ backend: engine.backend, device: engine.device, parallel: engine.parallel },
        run: async (job, signal) => {
          await unlessAborted(before, signal);
          return await engine.run(job, signal);
        },
        close: () => engine.close(),
      },
      end: resolve,
    };
  }
}
