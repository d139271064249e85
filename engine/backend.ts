import type { PairJob, PairResult } from "@slomo/core";
import type { MemoryNeed } from "./memory.ts";
import type { CreateOptimizer } from "./optimizer.ts";
import type { NetworksSetup } from "./pair/pair_networks.ts";

/** What a backend is asked to do. */
export type BackendJob = "interpolate" | "train";

/** Numbers that convolutions are multiplied in; tensors are float32 either way. */
export type ComputePrecision = "float32" | "bfloat16";

/** How a backend is opened. */
export interface BackendOptions {
  /** Device by the backend's own name, for example `cpu` or `gpu:0`; its default where `undefined`. */
  readonly device?: string | undefined;
  /** Numbers that convolutions are multiplied in. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
}

/** All that a thread needs to fill pairs. Can be posted to a worker, the weights in shared memory where several read them. */
export interface PairSetup extends NetworksSetup {
  /** Name of the backend to compute on. */
  readonly backend: string;
  /** Device by the backend's own name; its default where `undefined`. */
  readonly device: string | undefined;
  /** Numbers that the backend multiplies convolutions in. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /** Threads of the CPU for one that shares its work out among them by itself. @default {one a core} */
  readonly threads?: number | undefined;
}

/** Fills pairs on the backend of this thread, one at a time. */
export interface PairComputer {
  /** Fills one pair. */
  run(job: PairJob, signal?: AbortSignal): Promise<PairResult>;
  /** Frees the weights. */
  dispose(): void;
}

/** A backend that is set as the tfjs backend of this thread, or an engine that is ready. */
export interface OpenBackend {
  /** Name, which is that of the tfjs backend too. */
  readonly name: string;
  /** The device in words. */
  readonly device: string;
  /** Whether a GPU is imitated by the CPU. */
  readonly software: boolean;
  /** Largest difference of a float32 result from `cpu`, over the results' range, for tests. */
  readonly tolerance: number;
  /** An Adam of its own, faster than core's, that computes the same. */
  readonly createOptimizer?: CreateOptimizer | undefined;
  /** Of an engine: makes what fills pairs. Each run of it blocks its thread. */
  readonly createComputer?: ((setup: PairSetup) => Promise<PairComputer>) | undefined;
  /** Removes the tfjs backend and frees what it holds. */
  close(): Promise<void>;
}

/** Something that computes tfjs ops, or whole networks that are written in them. */
export interface BackendDefinition {
  /** Name by which users choose it. */
  readonly name: string;
  /** URL of the module whose default export is this definition: a worker imports it, and no other backend with it. */
  readonly module: string;
  /** The jobs that it is taken for by `auto`, and its rank there: the highest that works is taken; absent: by name only. */
  readonly rank: Readonly<Partial<Record<BackendJob, number>>>;
  /** Whether each core needs a thread of its own with a backend of its own, because one uses a single core. */
  readonly singleThreaded: boolean;
  /** Whether it is an engine: it runs networks whole, computes no single op, and wants a thread of its own. @default {false} */
  readonly isEngine?: boolean | undefined;
  /**
   * Whether it blocks its thread while it computes, and what it holds must be freed there: it gets a thread of its own,
   * so that reading and writing videos goes on meanwhile. @default {false}
   */
  readonly wantsThread?: boolean | undefined;
  /** What one thread of it takes of the CPU's memory, where that was measured. */
  readonly memory?: MemoryNeed | undefined;
  /** Precisions that it can be opened in. @default {["float32"]} */
  readonly precisions?: readonly ComputePrecision[] | undefined;
  /**
   * Loads the backend and sets it as the backend of this thread.
   *
   * @throws {UsageError} If it does not work here: one sentence that says why.
   */
  open(options?: BackendOptions): Promise<OpenBackend>;
}
