import type { PairEngine } from "@slomo/core";
import { JobError } from "@slomo/core";
import type { PairSetup } from "./backend.ts";
import type { OpenBackend } from "./backend.ts";
import { createComputer } from "./create_computer.ts";

/**
 * Fills pairs in this thread, one after the other, on the backend that is open in it.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other.
 */
export async function openLocalEngine(backend: OpenBackend, setup: PairSetup): Promise<PairEngine> {
  const computer = await createComputer(backend, setup);
  let last: Promise<unknown> = Promise.resolve(), closed = false;
  return {
    backend: backend.name,
    device: backend.device,
    parallel: 1,
    run(job, signal) {
      const result = last.then(() => {
        signal?.throwIfAborted();
        if (closed) throw new JobError("the engine was closed");
        return computer.run(job, signal);
      });
      last = result.catch(() => {});
      return result;
    },
    async close() {
      closed = true;
      await last;
      computer.dispose();
      await backend.close();
    },
  };
}
