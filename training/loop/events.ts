import type { Validation } from "./validate.ts";

/** Progress of training: means since the previous report. */
export interface Report {
  /** Steps done. */
  readonly step: number;
  /** Steps of the run. */
  readonly steps: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Weighted losses by name, `total` among them. */
  readonly losses: Readonly<Record<string, number>>;
  /** By data source: PSNR in dB of the interpolated frames, and of blending the outer frames. */
  readonly sources: Readonly<Record<string, { readonly psnr: number; readonly blend: number }>>;
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number;
  /** Seconds per step. */
  readonly secondsPerStep: number;
  /** Share of the time spent waiting for data, 0 to 1. */
  readonly waiting: number;
}

/** Events of a training run. */
export type TrainEvent =
  | { readonly type: "report"; readonly report: Report }
  | { readonly type: "validation"; readonly step: number; readonly validation: Validation; readonly isBest: boolean }
  | {
    readonly type: "checkpoint";
    readonly step: number;
    /** Bytes of the checkpoint file. */
    readonly checkpoint: Uint8Array<ArrayBuffer>;
  }
  | {
    readonly type: "weights";
    readonly step: number;
    /** Bytes of a weights file: the EMA of the weights in float16. */
    readonly weights: Uint8Array<ArrayBuffer>;
    /** Whether this validation is the best so far. */
    readonly isBest: boolean;
  };
