import type { PairDetails } from "@slomo/core";
import type { WeightsPrefix } from "@slomo/weights";

/** Float32 values of an image or of a flow, row by row. */
export type Values = Float32Array<ArrayBuffer>;

/** Size of frames. */
export interface FrameSize {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Size of the frames of a pair, and the outputs that are wanted. */
export interface PairShape extends FrameSize {
  /** Whether flow and visibility are wanted too. */
  readonly details: boolean;
}

/** Output of the interpolator for one frame. */
export interface FrameOutput {
  /** RGB about [0, 1], [H, W, 3]. The next call may overwrite it. */
  readonly frame: Values;
  /** Flow and visibility, if they are wanted and the interpolator gives them. */
  readonly details?: PairDetails | undefined;
}

/**
 * Runs the networks of a frame pair on one backend, one pair at a time.
 *
 * @typeParam Pair A loaded frame pair: tensors on a tfjs backend, arrays in a graph runtime.
 * @typeParam Flow The flow of a frame pair; `undefined` if the interpolator needs none.
 */
export interface NetworkRunner<Pair = unknown, Flow = unknown> {
  /** Names of the parts in error messages. */
  readonly labels: Readonly<Record<WeightsPrefix, string>>;
  /** Prepares for frame pairs of a shape; called before each pair. */
  prepare(shape: PairShape): Promise<void>;
  /** Loads two images, RGB in [0, 1], [H, W, 3] each. */
  load(first: Values, second: Values, shape: PairShape): Pair;
  /** Estimates the flow of a pair. */
  estimateFlow(pair: Pair): Promise<Flow>;
  /** Interpolates the frame at `time` in (0, 1). */
  interpolate(pair: Pair, flow: Flow, time: number, wantsDetails: boolean): Promise<FrameOutput>;
  /** Returns the values of the forward flow, empty if there is none; for error messages. */
  flowValues(flow: Flow): Promise<Float32Array>;
  /** Frees loaded pairs and flows. */
  release(...loaded: readonly (Pair | Flow | undefined)[]): void;
  /** Frees the weights and everything else that the runner holds. */
  dispose(): Promise<void>;
}
