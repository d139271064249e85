import { createPairComputer } from "./pair/compute_pair.ts";
import type { OpenBackend, PairComputer, PairSetup } from "./backend.ts";

/**
 * Makes the networks of a manifest ready to fill pairs on an open backend, or by an engine.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other, or the engine cannot run the networks.
 */
export function createComputer({ createComputer }: OpenBackend, setup: PairSetup): Promise<PairComputer> {
  return (createComputer ?? createPairComputer)(setup);
}
