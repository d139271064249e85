import { JobError, type PairEngine } from "@slomo/core";
import type { Toolkit } from "@slomo/core/manifest";
import {
  createDeviceSelector,
  createPairWorker,
  type OpenedEngine,
  openEngine,
  type SelectDevice,
} from "@slomo/engine";
import type { WeightsFile } from "@slomo/weights";
import { BACKENDS } from "./backends.ts";
import { machine } from "./gpu/machine.ts";
import { openWeightsFile } from "./models.ts";
import { engineText, type SlomoOptions } from "./options.ts";

/** An engine with the weights that it runs. */
export interface Model {
  /** Interpolates frame pairs. */
  readonly engine: PairEngine;
  /** Weights of its networks, if they have any. */
  readonly weights: WeightsFile | undefined;
  /** Tiles in which frames are interpolated; absent for whole frames. */
  readonly tiles: OpenedEngine["tiles"];
}

/** Size of frames in pixels. */
export interface FrameSize {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Opens the model at its first use, and again for larger frames. */
export interface ModelHolder {
  /** Starts a worker for a model that is opened soon, if its backend may need one, so that it loads its modules. */
  prepare(): void;
  /**
   * Returns the model, ready for frames of a size. If it is opened now, `note` receives the chosen backend and tiles.
   *
   * @param signal Stops a download of the weights.
   * @throws {UsageError} If plugins, options and weights do not match.
   */
  open(frame: FrameSize, note: (message: string) => void, signal?: AbortSignal): Promise<Model>;
  /** Resolves when a requested model is open; rejects if opening it failed. */
  opened(): Promise<void>;
  /** Frees the model. */
  close(): Promise<void>;
}

/** Returns the bytes of memory that may be used, or `undefined` if unknown. */
export function freeMemory(limit = Infinity): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  if (state === "granted") return Math.min(limit, Deno.systemMemoryInfo().available);
  return limit === Infinity ? undefined : limit;
}

/** How a model is opened. */
interface OpenCallbacks {
  /** Receives the chosen backend and tiles. */
  readonly note: (message: string) => void;
  /** Stops a download of the weights. */
  readonly signal: AbortSignal | undefined;
  /** Starts a worker. */
  readonly createWorker: () => Worker;
}

async function openModel(
  toolkit: Toolkit,
  options: SlomoOptions,
  { width, height }: FrameSize,
  { note, signal, createWorker }: OpenCallbacks,
): Promise<Model> {
  const location = options.weights ?? toolkit.manifest.weights;
  const weights = location === undefined ? undefined : await openWeightsFile(location, { ...options, signal });
  const { engine, tiles, passedOver, notes } = await openEngine({
    toolkit: options.weights === undefined ? toolkit : toolkit.forWeights(weights?.facts, []),
    weights,
    backend: options.backend,
    device: options.device,
    precision: options.precision,
    flowScale: options.flowScale,
    selectDevice: options.selectDevice,
    workers: (options.workers ?? navigator.hardwareConcurrency) || 1,
    createWorker: options.workers === 0 ? false : createWorker,
    frame: { width, height },
    freeMemory: freeMemory(options.memoryLimit),
    tile: options.tile,
    overlap: options.overlap,
    backends: BACKENDS,
  });
  for (const { name, reason } of passedOver) note(`${name} is not used: ${reason}`);
  for (const text of notes) note(text);
  note(engineText(engine));
  return { engine, weights, tiles };
}

/** Returns the selection of a GPU, and begins to look for the GPU; `undefined` if the options name a backend or a device. */
function selectionFor({ backend = "auto", device, selectDevice, onNote }: SlomoOptions): SelectDevice | undefined {
  if (backend !== "auto" || device !== undefined || selectDevice) return selectDevice;
  const found = machine();
  // Finding the adapter loads graphics drivers; meanwhile the source is opened.
  found.findAdapter();
  const onMeasure = (name: string) => onNote?.(`measuring the GPU ${name} once, for up to a minute`);
  return createDeviceSelector(found, { onMeasure });
}

/** Returns whether a model of these options is computed in workers, as far as is known before it is opened. */
function needsWorker({ workers, backend = "auto" }: SlomoOptions): boolean {
  const definition = BACKENDS.find(({ name }) => name === backend);
  return workers !== 0 && definition?.threading !== "caller";
}

/** A worker that is started before it is needed. */
class EarlyWorker {
  readonly #worker = createPairWorker();
  #hasFailed = false;

  constructor() {
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#hasFailed = true;
    };
  }

  /** Returns the worker, or another one if it has failed, so that the failure is reported where it is used. */
  take(): Worker {
    return this.#hasFailed ? createPairWorker() : this.#worker;
  }

  /** Ends the worker. */
  end(): void {
    this.#worker.terminate();
  }
}

/** The opening of a model, which can be stopped at any time. */
class Opening {
  readonly #workers: Worker[] = [];
  readonly #stopped = Promise.withResolvers<never>();
  readonly #controller = new AbortController();
  readonly #start: () => Worker;

  /** @param start Starts a worker. */
  constructor(start: () => Worker) {
    this.#start = start;
    this.#stopped.promise.catch(() => {});
  }

  /** Rejects when workers are ended: they answer no more. */
  get stopped(): Promise<never> {
    return this.#stopped.promise;
  }

  /** Aborted by {@linkcode stop}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts a worker. */
  readonly createWorker = (): Worker => {
    const worker = this.#start();
    this.#workers.push(worker);
    return worker;
  };

  /** Stops a download of the weights, and ends workers that have been started. */
  stop(): void {
    const reason = new JobError("the model was closed while it was opened", { code: "engine-closed" });
    this.#controller.abort(reason);
    if (this.#workers.length === 0) return;
    this.#workers.forEach((worker) => worker.terminate());
    this.#stopped.reject(reason);
  }
}

/** Creates the holder of a toolkit's model. Nothing is opened yet. */
export function holdModel(toolkit: Toolkit, given: SlomoOptions): ModelHolder {
  const options = { ...given, selectDevice: selectionFor(given) };
  let model: Promise<Model> | undefined, pixels = 0, current: Opening | undefined, early: EarlyWorker | undefined;

  function startWorker(): Worker {
    const worker = early?.take() ?? createPairWorker();
    early = undefined;
    return worker;
  }

  function endEarly(): void {
    early?.end();
    early = undefined;
  }

  async function replace(
    smaller: Model | undefined,
    frame: FrameSize,
    note: (message: string) => void,
    signal: AbortSignal | undefined,
  ): Promise<Model> {
    await smaller?.engine.close();
    const opening = current = new Opening(startWorker), { createWorker } = opening;
    const stops = AbortSignal.any([opening.signal, ...signal ? [signal] : []]);
    try {
      const opened = openModel(toolkit, options, frame, { note, signal: stops, createWorker });
      return await Promise.race([opened, opening.stopped]);
    } finally {
      current = undefined;
      endEarly();
    }
  }

  return {
    prepare() {
      if (!model && needsWorker(options)) early ??= new EarlyWorker();
    },
    async open(frame, note, signal) {
      const wanted = frame.width * frame.height;
      if (model && wanted <= pixels) return await model;
      const smaller = await model;
      pixels = wanted;
      model = replace(smaller, frame, note, signal);
      try {
        return await model;
      } catch (error) {
        // The next call downloads the weights again.
        if (signal?.aborted) model = undefined;
        throw error;
      }
    },
    async opened() {
      await model;
    },
    async close() {
      current?.stop();
      endEarly();
      const opened = await model?.catch(() => undefined);
      await opened?.engine.close();
    },
  };
}
