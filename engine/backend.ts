import type { ResolvedManifest } from "@slomo/core/manifest";
import type { WeightsFile } from "@slomo/weights";
import type { BackendMemory } from "./memory.ts";
import type { CreateOptimizer } from "./optimizer.ts";
import type { FrameSize, NetworkRunner } from "./pair/network_runner.ts";
import type { NetworksSetup } from "./pair/pair_networks.ts";

/** The task that a backend is chosen for. */
export type BackendJob = "interpolate" | "train";

/** Number format in which convolutions are multiplied; tensors are float32 either way. */
export type ComputePrecision = "float32" | "float16" | "bfloat16";

/**
 * The threads that a backend needs.
 *
 * - `per-core`: one instance uses a single core and blocks its thread, so each core gets a worker with an instance of its
 *   own.
 * - `own`: one instance uses several cores and blocks its thread, so it gets a worker of its own: one for all cores, or
 *   one for each `threadsPerWorker` of them.
 * - `caller`: it computes asynchronously, such as on a GPU, and runs in the calling thread.
 */
export type Threading = "per-core" | "own" | "caller";

/** Options for opening a backend. */
export interface BackendOptions {
  /** Device by the backend's own name, for example `cpu` or `gpu:0`. @default {chosen by the backend} */
  readonly device?: string | undefined;
  /** Number format in which convolutions are multiplied. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
}

/** Networks and the number of threads to run them with. */
export interface RunnerSetup extends NetworksSetup {
  /** Size of the frames, or of the tiles, that come first: a runner prepares for it when it opens. */
  readonly frame?: FrameSize | undefined;
  /** CPU threads for a backend that distributes its work over threads. @default {one per core} */
  readonly threads?: number | undefined;
}

/**
 * Everything that a worker needs to interpolate frame pairs. It can be posted to a worker; several workers share the
 * weights if these lie in a `SharedArrayBuffer`.
 */
export interface WorkerSetup {
  /** Names the plugins and their parts. The worker loads them again. */
  readonly manifest: ResolvedManifest;
  /** Weights of the networks; `undefined` if the networks have none. */
  readonly weights: WeightsFile | undefined;
  /** Name of the backend. */
  readonly backend: string;
  /** Device by the backend's own name; `undefined` for its default. */
  readonly device: string | undefined;
  /** Number format in which convolutions are multiplied. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /** Resolution scale at which flow is estimated, in (0, 1]. */
  readonly flowScale: number;
  /** Size of the frames, or of the tiles, that come first. */
  readonly frame?: FrameSize | undefined;
  /** CPU threads for a backend that distributes its work over threads. @default {one per core} */
  readonly threads?: number | undefined;
}

/** Properties that all open backends have. */
interface OpenBackendBase {
  /** Name of the backend. */
  readonly name: string;
  /** Description of the device, for people. */
  readonly device: string;
  /** Whether the device is a software adapter: a GPU that the CPU emulates. */
  readonly software: boolean;
  /** Maximum difference of a float32 result from that of `cpu`, relative to the range of the results; for tests. */
  readonly tolerance: number;
  /** Frees the resources of the backend. */
  close(): Promise<void>;
}

/** A tfjs backend that is set in this thread. */
export interface OpenTfjsBackend extends OpenBackendBase {
  /** Distinguishes it from a graph runtime. */
  readonly kind: "tfjs";
  /** Creates the backend's own Adam, which computes the same as that of `@slomo/training` and is faster. */
  readonly createOptimizer?: CreateOptimizer | undefined;
}

/** A graph runtime that is ready to run networks. */
export interface OpenGraphRuntime extends OpenBackendBase {
  /** Distinguishes it from a tfjs backend. */
  readonly kind: "graph-runtime";
  /**
   * Traces the networks and prepares to run them.
   *
   * @throws {UsageError} If plugins, options and weights do not match, or the runtime cannot run the networks.
   */
  createRunner(setup: RunnerSetup): Promise<NetworkRunner>;
}

/** A backend that is ready to compute. */
export type OpenBackend = OpenTfjsBackend | OpenGraphRuntime;

/** Properties that all backend definitions have. */
interface BackendBase {
  /** Name by which users choose the backend. */
  readonly name: string;
  /** URL of the module whose default export is this definition. A worker imports it, and no other backend. */
  readonly module: string;
  /** Rank for each job that `auto` may choose the backend for; the highest rank that works is chosen. */
  readonly rank: Readonly<Partial<Record<BackendJob, number>>>;
  /** The threads that the backend needs. */
  readonly threading: Threading;
  /**
   * CPU threads that one instance with `threading` `own` uses well. If there are more, and memory suffices, several workers
   * compute frame pairs side by side. @default {all}
   */
  readonly threadsPerWorker?: number | undefined;
  /**
   * Names of the devices that `open` accepts; a final `N` is a number, as in `gpu:N`. A backend without names has
   * one device, which needs no name. @default {[]}
   */
  readonly devices?: readonly string[] | undefined;
  /** Memory that one instance needs, if it was measured. Without it, memory is not planned. */
  readonly memory?: BackendMemory | undefined;
  /**
   * Number formats that the backend supports, the default first. `open` refuses one that the device does not support.
   * @default {["float32"]}
   */
  readonly precisions?: readonly ComputePrecision[] | undefined;
}

/** A backend that computes single tfjs ops, and their gradients. With `threading` `own`, its worker closes it before it ends. */
export interface TfjsBackend extends BackendBase {
  /** Distinguishes it from a graph runtime. */
  readonly kind: "tfjs";
  /**
   * Loads the backend and sets it as the tfjs backend of this thread.
   *
   * @throws {UsageError} If it does not work on this machine, or the device does not support the precision.
   */
  open(options?: BackendOptions): Promise<OpenTfjsBackend>;
}

/** A runtime that runs whole networks, which are traced into graphs. It computes no single ops and no gradients. */
export interface GraphRuntime extends BackendBase {
  /** Distinguishes it from a tfjs backend. */
  readonly kind: "graph-runtime";
  /**
   * Loads the runtime and tests its device.
   *
   * @throws {UsageError} If it does not work on this machine, or the device does not support the precision.
   */
  open(options?: BackendOptions): Promise<OpenGraphRuntime>;
}

/** A backend as `openEngine` and `chooseBackend` take it. */
export type BackendDefinition = TfjsBackend | GraphRuntime;
