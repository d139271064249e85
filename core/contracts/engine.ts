import type { Image, PairDetails } from "./frame.ts";

/** A frame pair and the times of the frames to interpolate. */
export interface PairJob {
  /** The earlier source frame. */
  readonly first: Image;
  /** The later source frame, of the same size and pixel format. */
  readonly second: Image;
  /** Times in (0, 1), in ascending order. */
  readonly times: readonly number[];
  /** Whether to return flow and visibility too. */
  readonly details: boolean;
}

/** Result of a {@linkcode PairJob}. */
export interface PairResult {
  /** One image per time, in the size, pixel format and color space of the pair. */
  readonly images: readonly Image[];
  /** One per time, if requested and if the interpolator returns flow. */
  readonly details?: readonly PairDetails[] | undefined;
  /** Milliseconds by stage, for benchmarks: `flow`, `interpolation`, `color`. */
  readonly timing: Readonly<Record<string, number>>;
}

/** Interpolates frame pairs on a backend, in workers or in the calling thread. */
export interface PairEngine {
  /** Name of the backend: `onnx`, `webgpu`, `wasm`, … */
  readonly backend: string;
  /** Description of the device for the user; software adapters are marked. */
  readonly device: string;
  /** Number of jobs that run at once. The pipeline submits one more. */
  readonly parallel: number;
  /**
   * Interpolates the frames of one pair. Jobs may end in any order.
   *
   * @throws {JobError} If the networks fail, or the engine is closed.
   * @throws {unknown} The reason of `signal` after it aborted.
   */
  run(job: PairJob, signal?: AbortSignal): Promise<PairResult>;
  /** Frees workers, devices and tensors, and rejects running jobs. */
  close(): Promise<void>;
}
