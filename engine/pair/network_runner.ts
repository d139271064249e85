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
  /** RGB about [0, 1], [H, W, 3]. The next call, `release` included, may overwrite or free it. */
  readonly frame: Values;
  /** Flow and visibility, if they are wanted and the interpolator gives them. */
  readonly details?: PairDetails | undefined;
}

/** Features that the interpolator has computed from a frame pair before its first frame. */
export interface PairFeatures<Features = unknown> {
  /** Features of the first frame. */
  readonly first?: Features | undefined;
  /** Features of the second frame. */
  readonly second?: Features | undefined;
  /** Features of the pair. */
  readonly pair?: Features | undefined;
}

/**
 * Runs the networks of a frame pair on one backend, one pair at a time.
 *
 * @typeParam Pair A loaded frame pair: tensors on a tfjs backend, arrays in a graph runtime.
 * @typeParam Flow The flow of a frame pair; `undefined` if the interpolator needs none.
 * @typeParam Features Features of a frame or of a pair.
 */
export interface NetworkRunner<Pair = unknown, Flow = unknown, Features = unknown> {
  /** Names of the parts in error messages. */
  readonly labels: Readonly<Record<WeightsPrefix, string>>;
  /** Prepares for frame pairs of a shape; called before each pair. */
  prepare(shape: PairShape): Promise<void>;
  /** Loads two images, RGB in [0, 1], [H, W, 3] each. */
  load(first: Values, second: Values, shape: PairShape): Pair;
  /** Estimates the flow of a pair. */
  estimateFlow(pair: Pair): Promise<Flow>;
  /** Computes the features of one frame of a pair; `undefined` if the interpolator prepares no frames. */
  prepareFrame?(pair: Pair, frame: "first" | "second"): Promise<Features | undefined>;
  /** Computes the features of a pair; `undefined` if the interpolator prepares no pairs. */
  preparePair?(pair: Pair, flow: Flow, features: PairFeatures<Features>): Promise<Features | undefined>;
  /** Interpolates the frame at `time` in (0, 1). */
  interpolate(
    pair: Pair,
    flow: Flow,
    time: number,
    wantsDetails: boolean,
    features: PairFeatures<Features>,
  ): Promise<FrameOutput>;
  /** Returns the values of the forward flow, empty if there is none. */
  flowValues(flow: Flow): Promise<Float32Array>;
  /** Frees loaded pairs, flows and features. */
  release(...loaded: readonly (Pair | Flow | Features | undefined)[]): void;
  /** Frees the weights and everything else that the runner holds. */
  dispose(): Promise<void>;
}
