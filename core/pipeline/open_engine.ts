import type { PairEngine } from "../contracts/engine.ts";
import type { ResolvedManifest } from "../manifest/resolve.ts";
import { UsageError } from "../errors.ts";
import type { ComputePrecision } from "../runtime/backend.ts";
import { BACKENDS } from "../runtime/backends/mod.ts";
import { chooseBackend, type ChosenBackend, reasonOf } from "../runtime/choose.ts";
import { openLocalEngine } from "../runtime/local_engine.ts";
import { openWorkerPool } from "../runtime/worker_pool.ts";
import type { WeightsFile } from "../weights/weights_file.ts";

/** What an engine is made of. */
export interface OpenEngineOptions {
  /** Names the plugins and their parts. */
  readonly manifest: ResolvedManifest;
  /** Weights for the networks; may be left out where none has any. */
  readonly weights?: WeightsFile | undefined;
  /** Backend by name. @default {"auto"} */
  readonly backend?: string | undefined;
  /** Device by the backend's own name. @default {the backend's} */
  readonly device?: string | undefined;
  /** Numbers that convolutions are multiplied in; a backend without them is not taken. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /** Size at which flow is found over the frames' size, above 0, at most 1. @default {1} */
  readonly flowScale?: number | undefined;
  /** Starts a thread that runs `core/runtime/pair_worker.ts`; without it all is computed in this thread. */
  readonly createWorker?: (() => Worker) | undefined;
  /** Number of threads on a CPU, for backends of which each uses one and for those that share work out. @default {1} */
  readonly workers?: number | undefined;
}

/** An engine, and what was tried before it. */
export interface OpenedEngine {
  /** Fills pairs; the caller closes it. */
  readonly engine: PairEngine;
  /** Better backends that are not used, and why. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

async function openOn({ backend, definition }: ChosenBackend, options: OpenEngineOptions): Promise<PairEngine> {
  const { manifest, weights, device, precision, flowScale = 1, createWorker, workers = 1 } = options;
  const setup = { manifest, weights, backend: backend.name, device, precision, flowScale, threads: workers };
  const { singleThreaded, isEngine, wantsThread } = definition;
  if (!createWorker || !(singleThreaded || isEngine || wantsThread)) return await openLocalEngine(backend, setup);
  await backend.close();
  return await openWorkerPool({ workers: singleThreaded ? workers : 1, createWorker, setup, freesItself: wantsThread });
}

/**
 * Opens the backend asked for, or the best that works, with the networks of a manifest on it.
 *
 * @throws {UsageError} If there is no such backend, or plugins, options and weights do not fit each other.
 */
export async function openEngine(options: OpenEngineOptions): Promise<OpenedEngine> {
  const { backend: name = "auto", device, precision } = options;
  const passedOver: { name: string; reason: string }[] = [];
  for (;;) {
    const left = BACKENDS.filter((backend) => !passedOver.some((other) => other.name === backend.name));
    const chosen = await chooseBackend(name, "interpolate", { device, precision }, left);
    passedOver.push(...chosen.passedOver);
    try {
      return { engine: await openOn(chosen, options), passedOver };
    } catch (error) {
      // An engine may be unable to run networks that every backend runs.
      if (name !== "auto" || !chosen.definition.isEngine || !(error instanceof UsageError)) throw error;
      await chosen.backend.close();
      passedOver.push({ name: chosen.definition.name, reason: reasonOf(error) });
    }
  }
}
