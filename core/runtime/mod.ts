/**
 * Backends, and engines that fill pairs of frames on them.
 *
 * @module
 */
export type { Finding } from "../contracts/finding.ts";
export { createPairComputer, type PairComputer, type PairSetup } from "../pipeline/compute_pair.ts";
export type { NetworksSetup } from "../pipeline/pair_networks.ts";
export * from "./backend.ts";
export { BACKENDS } from "./backends/mod.ts";
export * from "./choose.ts";
export { createComputer } from "./create_computer.ts";
export * from "./gradients.ts";
export * from "./inspect.ts";
export { openLocalEngine } from "./local_engine.ts";
export * from "./memory.ts";
export { openWorkerPool, type PoolOptions } from "./worker_pool.ts";
