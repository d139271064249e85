import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";

/** Name, shape and initialization of one tensor of a network. */
export interface ParameterSpec {
  /** Name after the part's prefix in a weights file, for example `head.weight`. */
  readonly name: string;
  /** Shape; convolution filters are HWIO. */
  readonly shape: readonly number[];
  /** Initialization for training: He-normal for the given negative slope of leaky ReLU, zeros, or normal with a standard deviation. */
  readonly init: { readonly kind: "he"; readonly slope: number } | { readonly kind: "zeros" } | {
    readonly kind: "normal";
    readonly deviation: number;
  };
}

/** The tensors of a part's {@linkcode ParameterSpec}s by name. The host owns them: a part neither creates nor disposes them. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** Values and shape of a tensor, independent of any backend. */
export interface NamedTensor {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** The values, in row-major order. */
  readonly values: Float32Array;
}

/** A stateless part that computes with tensors: its parameters are arguments of each call. */
export interface Parametric {
  /** All tensors that the part needs; empty for a part without weights. */
  readonly parameters: readonly ParameterSpec[];
  /**
   * Derives tensors for {@linkcode parameters} from those of the same part with other options, as an initialization for
   * training: for example the strongest channels of a wider network. Absent if the part does not support this.
   *
   * @throws {UsageError} If it cannot derive them from these tensors.
   */
  readonly adapt?: ((tensors: ReadonlyMap<string, NamedTensor>) => ReadonlyMap<string, NamedTensor>) | undefined;
}

/** Optical flow between two frames in pixels; channel 0 is x (right), channel 1 is y (down). */
export interface FlowPair {
  /** Forward flow F(0→1) [N, H, W, 2]: the position of a pixel in the first frame plus its flow is its position in the second. */
  readonly forward: Tensor4D;
  /** Backward flow F(1→0) [N, H, W, 2]; `undefined` from an estimator of one direction. */
  readonly backward?: Tensor4D | undefined;
  /**
   * Flow at the coarser pyramid levels of a coarse-to-fine estimator, coarsest first, each [N, H·s, W·s, 2] in pixels of its
   * own size. No gradient flows between levels, so that the losses train each level separately.
   */
  readonly coarser?: readonly FlowPair[] | undefined;
}

/** Tensors that a part has computed before it needs them, by name, float32 [N, h, w, c] each, of any h, w and c. */
export type Features = Readonly<Record<string, Tensor4D>>;

/** A batch of frame pairs, and the features that an interpolator has computed from their frames. */
export interface PairInput {
  /** First frames [N, H, W, 3], RGB in [0, 1]. */
  readonly first: Tensor4D;
  /** Second frames [N, H, W, 3], RGB in [0, 1]. */
  readonly second: Tensor4D;
  /** Flow of the pairs; present if the interpolator needs it. */
  readonly flow?: FlowPair | undefined;
  /** Result of `prepareFrame` for `first`; absent if the host has not called it. */
  readonly firstFeatures?: Features | undefined;
  /** Result of `prepareFrame` for `second`; present if and only if `firstFeatures` is. */
  readonly secondFeatures?: Features | undefined;
  /**
   * Resolution scale at which the interpolator estimates flow by itself, in (0, 1]; below 1 only if it `takesFlowScale`.
   * @default {1}
   */
  readonly flowScale?: number | undefined;
}

/** Input of an interpolator: a batch of frame pairs and times between their frames. */
export interface InterpolationInput extends PairInput {
  /** Result of `preparePair` for the pairs; absent if the host has not called it. */
  readonly pairFeatures?: Features | undefined;
  /** Times in (0, 1), one per output frame [T]; T equals N, or N is 1 and all times are of that pair. */
  readonly times: Tensor1D;
}

/** Approximate flow at time t, before refinement (equation 4 of the paper), and the frames warped along it. */
export interface Approximate {
  /** F(t→0) [T, H, W, 2], in pixels. */
  readonly flowToFirst: Tensor4D;
  /** F(t→1) [T, H, W, 2], in pixels. */
  readonly flowToSecond: Tensor4D;
  /** The first frames warped along `flowToFirst` [T, H, W, 3], if the interpolator computes them. */
  readonly firstWarped?: Tensor4D | undefined;
  /** The second frames warped along `flowToSecond` [T, H, W, 3]. */
  readonly secondWarped?: Tensor4D | undefined;
}

/** Output of an interpolator: frames and, if it computes them, flow and visibility. All have the batch size T. */
export interface Interpolated {
  /** Frames at the times [T, H, W, 3], RGB, nominally in [0, 1], not clipped. */
  readonly frames: Tensor4D;
  /** F(t→0) [T, H, W, 2], refined, in pixels. */
  readonly flowToFirst?: Tensor4D | undefined;
  /** F(t→1) [T, H, W, 2], refined, in pixels. */
  readonly flowToSecond?: Tensor4D | undefined;
  /** Visibility mask V(t←0) [T, H, W, 1] in [0, 1]: 1 where the pixel is visible in the first frame. */
  readonly visibility?: Tensor4D | undefined;
  /** Flow before refinement, for the warping loss. */
  readonly approximate?: Approximate | undefined;
}
