import type { Validation } from "./validate.ts";

/** Means since the last report. */
export interface Report {
  /** Steps made, and those of the whole run. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Weighted losses by name, `total` among them. */
  readonly losses: Readonly<Record<string, number>>;
  /** By source of data: PSNR in dB of interpolated frames, and of blends of the outer frames. */
  readonly sources: Readonly<Record<string, { readonly psnr: number; readonly blend: number }>>;
  /** Norm of the gradients before clipping. */
  readonly gradientNorm: number;
  /** Seconds a step. */
  readonly secondsPerStep: number;
  /** Share of the time that went by in waiting for data. */
  readonly waiting: number;
}

/** What happens in a run. */
export type TrainEvent =
  | { readonly type: "report"; readonly report: Report }
  | { readonly type: "validation"; readonly step: number; readonly validation: Validation; readonly isBest: boolean }
  | {
    readonly type: "checkpoint";
    readonly step: number;
    /** The run at rest. */
    readonly checkpoint: Uint8Array<ArrayBuffer>;
  }
  | {
    readonly type: "weights";
    readonly step: number;
    /** Averaged weights in float16. */
    readonly weights: Uint8Array<ArrayBuffer>;
    /** Whether validation was never better. */
    readonly isBest: boolean;
  };
