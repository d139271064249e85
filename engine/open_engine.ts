import type { PairEngine } from "@slomo/core";
import type { ResolvedManifest } from "@slomo/core/manifest";
import { reasonOf, UsageError } from "@slomo/core";
import type { BackendDefinition, ComputePrecision } from "./backend.ts";
import { BUILT_IN, chooseBackend, type ChosenBackend } from "./choose.ts";
import type { PairSetup } from "./backend.ts";
import { openLocalEngine } from "./local_engine.ts";
import { memoryFor, planMemory } from "./memory.ts";
import { createPairWorker, openWorkerPool } from "./pool/worker_pool.ts";
import type { WeightsFile } from "@slomo/weights";
import type { TileOptions } from "./tiles/grid.ts";
import { tiledEngine } from "./tiles/tiled_engine.ts";

/** Pixels that tiles of a side share unless told otherwise: what moves fast is found by what lies further off. */
const overlapOf = (tile: number): number => Math.max(128, Math.ceil(tile / 4));

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
  /** The backends to choose from. @default {BUILT_IN} */
  readonly backends?: readonly BackendDefinition[] | undefined;
  /** Starts a worker that runs `@slomo/engine/worker`; `false` computes in the calling thread. @default {createPairWorker} */
  readonly createWorker?: (() => Worker) | false | undefined;
  /** Size of the frames, where memory is to be looked at. */
  readonly frame?: { readonly width: number; readonly height: number } | undefined;
  /** Free memory in bytes: with `frame` it limits the threads, and has frames filled in tiles where whole ones do not fit. */
  readonly freeMemory?: number | undefined;
  /** Side of the tiles in which frames are filled, in pixels; 0 for none, whatever memory there is. @default {by memory} */
  readonly tile?: number | undefined;
  /** Pixels that neighboring tiles share at least. @default {a quarter of the tile, 128 or more} */
  readonly overlap?: number | undefined;
  /** Number of threads on a CPU, for backends of which each uses one and for those that share work out. @default {1} */
  readonly workers?: number | undefined;
}

/** An engine, and what was tried before it. */
export interface OpenedEngine {
  /** Fills pairs; the caller closes it. */
  readonly engine: PairEngine;
  /** Better backends that are not used, and why. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
  /** Side of the tiles in which frames are filled and pixels that they share; `undefined` where frames are filled whole. */
  readonly tiles: TileOptions | undefined;
  /** What the user should know: threads and tiles that memory asked for. */
  readonly notes: readonly string[];
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Threads and tiles for the memory that there is, and what is to be said of them. */
function fitMemory({ memory, name, singleThreaded }: BackendDefinition, options: OpenEngineOptions) {
  const { workers = 1, frame, freeMemory: free, tile } = options, wanted = singleThreaded ? workers : 1;
  const asked = { workers, tile: tile || undefined, notes: [] as string[] };
  if (!memory || !frame || free === undefined || tile !== undefined) return asked;
  const plan = planMemory(memory, { ...frame, workers: wanted, free });
  const whole = `a pair of ${frame.width}×${frame.height} takes about ${
    gibibytes(memoryFor(memory, frame.width * frame.height))
  } on ${name}, and ${gibibytes(free)} are free`;
  if (plan.tile !== undefined) {
    asked.notes.push(`${whole}: it is filled in tiles of ${plan.tile} pixels; --tile 0 fills it whole`);
  }
  if (plan.workers < wanted) asked.notes.push(`${whole}: ${plan.workers} of ${wanted} threads are used`);
  return { ...asked, tile: plan.tile, workers: singleThreaded ? plan.workers : workers };
}

async function openOn(
  { backend, definition }: ChosenBackend,
  options: OpenEngineOptions,
  workers: number,
): Promise<PairEngine> {
  const { manifest, weights, device, precision, flowScale = 1, createWorker = createPairWorker } = options;
  const setup: PairSetup = { manifest, weights, backend: backend.name, device, precision, flowScale, threads: workers };
  const { singleThreaded, isEngine, wantsThread } = definition;
  if (!createWorker || !(singleThreaded || isEngine || wantsThread)) return await openLocalEngine(backend, setup);
  await backend.close();
  return await openWorkerPool({
    workers: singleThreaded ? workers : 1,
    createWorker,
    module: definition.module,
    setup,
    freesItself: wantsThread,
  });
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
    const left = (options.backends ?? BUILT_IN).filter((backend) =>
      !passedOver.some((other) => other.name === backend.name)
    );
    const chosen = await chooseBackend(name, "interpolate", { device, precision }, left);
    passedOver.push(...chosen.passedOver);
    try {
      const { workers, tile, notes } = fitMemory(chosen.definition, options);
      const tiles = tile === undefined ? undefined : { tile, overlap: options.overlap ?? overlapOf(tile) };
      const whole = await openOn(chosen, options, workers);
      return { engine: tiles ? tiledEngine(whole, tiles) : whole, tiles, passedOver, notes };
    } catch (error) {
      // An engine may be unable to run networks that every backend runs.
      if (name !== "auto" || !chosen.definition.isEngine || !(error instanceof UsageError)) throw error;
      await chosen.backend.close();
      passedOver.push({ name: chosen.definition.name, reason: reasonOf(error) });
    }
  }
}
