import type { Image, PairDetails } from "./frame.ts";

/** Two neighboring frames and the times between them at which frames are wanted. */
export interface PairJob {
  /** The earlier frame. */
  readonly first: Image;
  /** The later frame, of the same size and format. */
  readonly second: Image;
  /** Times in (0, 1), rising. */
  readonly times: readonly number[];
  /** Whether flow and visibility are wanted too. */
  readonly details: boolean;
}

/** What became of a {@linkcode PairJob}. */
export interface PairResult {
  /** One image a time, in the size, format and color of the pair. */
  readonly images: readonly Image[];
  /** One a time, where asked for and where the interpolator gives flow. */
  readonly details?: readonly PairDetails[] | undefined;
  /** Milliseconds by stage, for benches: `decode`, `flow`, `interpolation`, `color`. */
  readonly timing: Readonly<Record<string, number>>;
}

/** Something that fills pairs: a backend in this thread, or a pool of workers. */
export interface PairEngine {
  /** The backend at work: `wasm`, `webgpu`, `cpu`, … */
  readonly backend: string;
  /** The device in words; a software GPU is named as such. */
  readonly device: string;
  /** How many jobs it works on at once; the pipeline keeps that many in flight, and one more. */
  readonly parallel: number;
  /** Fills one pair. Jobs may end in any order. Rejects with the signal's reason when aborted. */
  run(job: PairJob, signal?: AbortSignal): Promise<PairResult>;
  /** Frees threads, devices and tensors; running jobs are rejected. */
  close(): Promise<void>;
}
