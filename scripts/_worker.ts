/** A thread that fills pairs; core starts none by itself. */
export function createPairWorker(): Worker {
  return new Worker(new URL("../core/runtime/pair_worker.ts", import.meta.url), { type: "module" });
}
