import type { PairEngine } from "../contracts/engine.ts";
import type { ResolvedManifest } from "../manifest/resolve.ts";
import { chooseBackend } from "../runtime/choose.ts";
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
  /** Size at which flow is found over the frames' size, above 0, at most 1. @default {1} */
  readonly flowScale?: number | undefined;
  /** Starts a thread that runs `core/runtime/pair_worker.ts`; without it all is computed in this thread. */
  readonly createWorker?: (() => Worker) | undefined;
  /** Number of threads for a backend that uses a single core. @default {1} */
  readonly workers?: number | undefined;
}

/** An engine, and what was tried before it. */
export interface OpenedEngine {
  /** Fills pairs; the caller closes it. */
  readonly engine: PairEngine;
  /** Better backends that are not used, and why. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Opens the backend asked for, or the best that works, with the networks of a manifest on it.
 *
 * @throws {UsageError} If there is no such backend, or plugins, options and weights do not fit each other.
 */
export async function openEngine(options: OpenEngineOptions): Promise<OpenedEngine> {
  const { manifest, weights, device, flowScale = 1, createWorker, workers = 1 } = options;
  const { backend, definition, passedOver } = await chooseBackend(options.backend ?? "auto", "interpolate", { device });
  const setup = { manifest, weights, backend: backend.name, device, flowScale };
  const engine = definition.singleThreaded && createWorker
    ? await openWorkerPool({ workers, createWorker, setup })
    : await openLocalEngine(backend, setup);
  return { engine, passedOver };
}
