import { JobError, type PairEngine } from "@slomo/core";
import type { OpenBackend, RunnerSetup } from "./backend.ts";
import { openPairInterpolator } from "./pair/pair_interpolator.ts";

/**
 * Interpolates frame pairs in the calling thread, one after the other. The engine owns the backend and closes it.
 *
 * @throws {UsageError} If plugins, options and weights do not match.
 */
export async function openLocalEngine(backend: OpenBackend, setup: RunnerSetup): Promise<PairEngine> {
  const interpolator = await openPairInterpolator(backend, setup);
  let last: Promise<unknown> = Promise.resolve(), closed = false;
  return {
    backend: backend.name,
    device: backend.device,
    parallel: 1,
    run(job, signal) {
      const result = last.then(() => {
        signal?.throwIfAborted();
        if (closed) throw new JobError("the engine was closed", { code: "engine-closed" });
        return interpolator.run(job, signal);
      });
      last = result.catch(() => {});
      return result;
    },
    async close() {
      closed = true;
      await last;
      await interpolator.dispose();
      await backend.close();
    },
  };
}
