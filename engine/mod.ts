/**
 * Backends, graph runtimes, and engines that interpolate frame pairs on them.
 *
 * @module
 */
export * from "./backend.ts";
export { BUILT_IN, chooseBackend, type ChosenBackend, hasPrecision } from "./choose.ts";
export { hasDevice, type NamedDevices } from "./devices.ts";
export * from "./gradients.ts";
export * from "./inspect.ts";
export { openLocalEngine } from "./local_engine.ts";
export * from "./memory.ts";
export * from "./open_engine.ts";
export * from "./optimizer.ts";
export { openPairInterpolator, type PairInterpolator } from "./pair/pair_interpolator.ts";
export { createPairWorker, openWorkerPool, PAIR_WORKER, type PoolOptions } from "./pool/worker_pool.ts";
export * from "./select/mod.ts";
export type { TileSize } from "./tiles/grid.ts";
