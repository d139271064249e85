import { type PairEngine, reasonOf, UsageError } from "@slomo/core";
import type { Toolkit } from "@slomo/core/manifest";
import type { WeightsFile } from "@slomo/weights";
import type { BackendDefinition, ComputePrecision, OpenBackend } from "./backend.ts";
import { BUILT_IN, candidatesOf, checkSupport, chooseBackend, chooseBest, hasPrecision } from "./choose.ts";
import { openLocalEngine } from "./local_engine.ts";
import { memoryFor, memoryNeed, planMemory, workersSideBySide } from "./memory.ts";
import { networkParts } from "./network_parts.ts";
import type { FrameSize } from "./pair/network_runner.ts";
import type { SelectDevice } from "./select/contracts.ts";
import { createPairWorker, openWorkerPool } from "./pool/worker_pool.ts";
import { type Tile, tileAlignment, type TileOptions, type TileSize, tilesOf, usableTile } from "./tiles/grid.ts";
import { tiledEngine } from "./tiles/tiled_engine.ts";

/** Returns the default overlap of tiles in pixels: fast motion is found only with pixels from further away. */
const overlapOf = (tile: number): number => Math.max(128, Math.ceil(tile / 4));

/** Options of {@linkcode openEngine}. */
export interface OpenEngineOptions {
  /** Provides the networks. Workers load its manifest again. */
  readonly toolkit: Toolkit;
  /** Weights of the networks; not needed if the networks have none. */
  readonly weights?: WeightsFile | undefined;
  /** Name of the backend. @default {"auto"} */
  readonly backend?: string | undefined;
  /** Device by the backend's own name. @default {chosen by the backend} */
  readonly device?: string | undefined;
  /** Number format in which convolutions are multiplied; backends without it are not chosen. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /** Resolution scale at which flow is estimated, in (0, 1]. @default {1} */
  readonly flowScale?: number | undefined;
  /**
   * Lets `auto` choose a GPU; called if neither a backend nor a device is named. It may start a process, which this package
   * never does. `createDeviceSelector` creates one. @default {no GPU of a graph runtime is chosen}
   */
  readonly selectDevice?: SelectDevice | undefined;
  /** The backends to choose from. @default {BUILT_IN} */
  readonly backends?: readonly BackendDefinition[] | undefined;
  /**
   * Starts a worker that runs `@slomo/engine/worker`. By default every backend that blocks its thread computes in workers,
   * and the calling thread stays free. `false` computes in the calling thread, which then does nothing else during a pair:
   * use it in programs that have nothing else to do, or in a worker of your own. @default {createPairWorker}
   */
  readonly createWorker?: (() => Worker) | false | undefined;
  /** Size of the largest frames in pixels, for planning of memory. A graph runtime prepares for it when it opens. */
  readonly frame?: FrameSize | undefined;
  /** Free memory in bytes. With `frame` it limits the number of workers, and frames that do not fit are cut into tiles. */
  readonly freeMemory?: number | undefined;
  /** Side of the tiles in pixels; 0 for whole frames regardless of memory. @default {by memory} */
  readonly tile?: number | undefined;
  /** Least overlap of neighboring tiles in pixels. @default {a quarter of the tile, at least 128} */
  readonly overlap?: number | undefined;
  /** Number of CPU threads: workers of a single-threaded backend, or threads of the others, in one worker or several. @default {1} */
  readonly workers?: number | undefined;
}

/** An open engine, and how it was chosen. */
export interface OpenedEngine {
  /** Interpolates frame pairs; the caller closes it. */
  readonly engine: PairEngine;
  /** Backends of higher rank that are not used, and why. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
  /** Size and overlap of the tiles; `undefined` if frames are interpolated whole. */
  readonly tiles: TileSize | undefined;
  /** Notes for the user on workers and tiles that were limited by memory. */
  readonly notes: readonly string[];
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Returns whether a backend computes in workers, which open it themselves. */
function isInWorkers({ threading }: BackendDefinition, { createWorker }: OpenEngineOptions): boolean {
  return createWorker !== false && threading !== "caller";
}

/** Workers and tiles for the available memory. */
interface Plan {
  /** Number of workers. */
  readonly workers: number;
  /** CPU threads of each. */
  readonly threads: number;
  /** Side of the tiles in pixels; `undefined` for whole frames. */
  readonly tile: number | undefined;
  /** Notes for the user. */
  readonly notes: readonly string[];
}

/** Plans workers and tiles for the available memory. */
async function fitMemory(definition: BackendDefinition, options: OpenEngineOptions): Promise<Plan> {
  const { memory, name, threading, threadsPerWorker } = definition;
  const { workers: threads = 1, frame, freeMemory: free, tile: side, flowScale, device = "cpu" } = options;
  const wanted = threading === "per-core" ? threads : 1, notes: string[] = [];
  const shared = device === "cpu" && isInWorkers(definition, options) ? threadsPerWorker : undefined;
  if (!memory || !frame || free === undefined || side !== undefined && shared === undefined) {
    return { workers: wanted, threads, tile: side || undefined, notes };
  }
  const need = memoryNeed(memory, await networkParts(options), flowScale), pixels = frame.width * frame.height;
  const plan = side === undefined ? planMemory(need, { ...frame, workers: wanted, free }) : undefined;
  const tile = plan ? plan.tile : side || undefined;
  const reason = `a pair of ${frame.width}×${frame.height} frames needs about ${
    gibibytes(memoryFor(need, pixels))
  } on ${name}, and ${gibibytes(free)} are free`;
  if (plan?.tile !== undefined) {
    notes.push(`${reason}: it is interpolated in tiles of ${plan.tile} pixels; set \`tile\` to 0 for whole frames`);
  }
  if (shared !== undefined) {
    const tilePixels = Math.min(pixels, tile === undefined ? pixels : tile ** 2);
    const sizes = { framePixels: pixels, tilePixels, threads, threadsPerWorker: shared, free };
    const workers = workersSideBySide(need, sizes);
    return { workers, threads: Math.max(1, Math.floor(threads / workers)), tile, notes };
  }
  const { workers } = plan!;
  if (workers < wanted) notes.push(`${reason}: ${workers} of ${wanted} workers are used`);
  return { workers, threads, tile, notes };
}

/** A backend that was chosen. */
interface Chosen {
  readonly definition: BackendDefinition;
  /** The backend, open in this thread; absent if only its worker opens it. */
  readonly backend?: OpenBackend | undefined;
}

async function openOn(
  { backend, definition }: Chosen,
  options: OpenEngineOptions,
  { workers, threads }: Plan,
): Promise<PairEngine> {
  const { toolkit, weights, device, precision, flowScale = 1, frame, createWorker = createPairWorker } = options;
  const { kind, module, name, threading } = definition;
  if (backend && (!createWorker || threading === "caller")) {
    return await openLocalEngine(backend, { toolkit, weights, flowScale, frame, threads });
  }
  await backend?.close();
  return await openWorkerPool({
    workers,
    startsOnDemand: threading === "own",
    createWorker: createWorker || createPairWorker,
    module,
    setup: { manifest: toolkit.manifest, weights, backend: name, device, precision, flowScale, frame, threads },
    closesBackend: kind === "tfjs" && threading === "own",
  });
}

async function tilesFor(tile: number, options: OpenEngineOptions): Promise<TileOptions> {
  const { flowEstimator, interpolator } = await networkParts(options), { overlap } = options;
  const multiples = [interpolator.alignment, ...flowEstimator ? [flowEstimator.alignment] : []];
  return { tile, overlap: overlap ?? overlapOf(tile), alignment: tileAlignment(multiples) };
}

/** Returns the size of the tiles of a frame. */
function firstTile({ width, height }: FrameSize, tiles: TileOptions): FrameSize {
  const [[tile]] = tilesOf(width, height, { ...tiles, tile: usableTile(tiles) }) as [[Tile]];
  return { width: tile.width, height: tile.height };
}

/**
 * Opens the networks of a toolkit on the chosen backend, or on the best one that works. The networks are those that the
 * weights are for. If `auto` chooses a graph runtime that cannot run the networks, the next backend is tried.
 *
 * @throws {UsageError} If there is no such backend, or plugins, options and weights do not match.
 */
export async function openEngine(given: OpenEngineOptions): Promise<OpenedEngine> {
  const options = { ...given, toolkit: given.toolkit.forWeights(given.weights?.facts) };
  const { backend = "auto", device, selectDevice } = options;
  if (backend !== "auto" || device !== undefined || !selectDevice) return await openBest(options);
  const { toolkit, weights, flowScale = 1, precision = "float32", workers: threads = 1, frame } = options;
  const { chosen, note } = await selectDevice({ toolkit, weights, flowScale, precision, threads, frame }) ?? {};
  const notes = note === undefined ? [] : [note], passedOver: { name: string; reason: string }[] = [];
  if (chosen) {
    try {
      const opened = await openBest({ ...options, ...chosen });
      return { ...opened, notes: [...notes, ...opened.notes] };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      passedOver.push({ name: `${chosen.backend} on ${chosen.device}`, reason: reasonOf(error) });
    }
  }
  const opened = await openBest(options).catch((error) => {
    // Why the GPU is not used may be the reason, as with a precision that only GPUs have.
    if (note === undefined || !(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}; ${note}`, { code: error.code, option: error.option });
  });
  return { ...opened, passedOver: [...passedOver, ...opened.passedOver], notes: [...notes, ...opened.notes] };
}

/** Backends that are not used, and why. */
type PassedOver = OpenedEngine["passedOver"];

/**
 * Chooses a backend. A graph runtime that computes in a worker is opened only there: with `auto`, the next backend is tried if
 * that fails, as if it had failed here.
 */
async function choose(
  name: string,
  options: OpenEngineOptions,
  backends: readonly BackendDefinition[],
  passedOver: PassedOver,
): Promise<Chosen & { readonly passedOver: PassedOver }> {
  const { device, precision } = options, facts = { device, precision };
  if (name !== "auto") {
    const [definition] = candidatesOf(name, "interpolate", facts, backends) as [BackendDefinition];
    if (definition.kind !== "graph-runtime" || !isInWorkers(definition, options)) {
      return await chooseBackend(name, "interpolate", facts, backends);
    }
    checkSupport(definition, "interpolate", facts);
    return { definition, passedOver };
  }
  const left = backends.filter((backend) => !passedOver.some((other) => other.name === backend.name));
  const best = device === undefined ? candidatesOf(name, "interpolate", facts, left)[0] : undefined;
  if (best?.kind === "graph-runtime" && isInWorkers(best, options) && hasPrecision(best, precision)) {
    return { definition: best, passedOver };
  }
  return await chooseBest("interpolate", facts, left, passedOver);
}

/** Opens the named backend, or for `auto` the best one of those that work on the device. */
async function openBest(options: OpenEngineOptions): Promise<OpenedEngine> {
  const { backend: name = "auto", device, backends = BUILT_IN } = options;
  let passedOver: PassedOver = [];
  for (;;) {
    const chosen = await choose(name, options, backends, passedOver);
    passedOver = chosen.passedOver;
    try {
      const plan = await fitMemory(chosen.definition, options), { tile, notes } = plan;
      const tiles = tile === undefined ? undefined : await tilesFor(tile, options);
      const frame = options.frame && tiles ? firstTile(options.frame, tiles) : options.frame;
      const engine = await openOn(chosen, { ...options, frame }, plan);
      if (!tiles) return { engine, tiles, passedOver, notes };
      return {
        engine: tiledEngine(engine, tiles),
        tiles: { tile: tiles.tile, overlap: tiles.overlap },
        passedOver,
        notes,
      };
    } catch (error) {
      if (
        name !== "auto" || device !== undefined || chosen.definition.kind !== "graph-runtime" ||
        !(error instanceof UsageError) || error.option === "flowScale"
      ) throw error;
      await chosen.backend?.close();
      passedOver = [...passedOver, { name: chosen.definition.name, reason: reasonOf(error) }];
    }
  }
}
