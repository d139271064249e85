import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";

/** One tensor that a network needs, as it is named and shaped in a weights file. */
export interface ParameterSpec {
  /** Name below the part's prefix, for example `head.weight`. */
  readonly name: string;
  /** Shape as the part uses it; convolution filters are HWIO. */
  readonly shape: readonly number[];
  /** How training begins: He-normal for the given leaky slope, zeros, or normal with a standard deviation. */
  readonly init: { readonly kind: "he"; readonly slope: number } | { readonly kind: "zeros" } | {
    readonly kind: "normal";
    readonly deviation: number;
  };
}

/** The tensors of a part's {@linkcode ParameterSpec}s by name. The host owns them: a part neither makes nor disposes them. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** Numbers and their shape, outside of any backend. */
export interface NamedTensor {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** The numbers, row by row. */
  readonly values: Float32Array;
}

/** A part that computes with tensors and holds no state: its parameters are handed in on each call. */
export interface Parametric {
  /** All tensors the part needs; empty for one without weights. */
  readonly parameters: readonly ParameterSpec[];
  /**
   * Makes tensors for {@linkcode parameters} from those of the same part with other options, by the same names: a start
   * for training that is better than none, for example the strongest channels of a wider network. Absent where a part has
   * no such way.
   *
   * @throws {UsageError} If there is no way from these tensors.
   */
  readonly adapt?: ((tensors: ReadonlyMap<string, NamedTensor>) => ReadonlyMap<string, NamedTensor>) | undefined;
}

/** Motion between two frames in pixels, channel 0 = x (right), channel 1 = y (down). */
export interface FlowPair {
  /** F(0→1) [N, H, W, 2]: a pixel of the first frame plus its flow is its place in the second. */
  readonly forward: Tensor4D;
  /** F(1→0) [N, H, W, 2]; `undefined` from an estimator that gives one direction. */
  readonly backward?: Tensor4D | undefined;
  /**
   * What an estimator that goes from coarse to fine found before its last level, coarse to fine, each [N, H·s, W·s, 2] in
   * pixels of its own size. No gradient crosses from one level to another, so that training judges each by itself.
   */
  readonly coarser?: readonly FlowPair[] | undefined;
}

/** What an interpolator is given: a batch of frame pairs and times between them. */
export interface InterpolationInput {
  /** First frames [N, H, W, 3], RGB in [0, 1]. */
  readonly first: Tensor4D;
  /** Second frames [N, H, W, 3], RGB in [0, 1]. */
  readonly second: Tensor4D;
  /** Flow of the pairs; always there for an interpolator that asks for it. */
  readonly flow?: FlowPair | undefined;
  /** Times in (0, 1), one an output frame [T]; T equals N, or N is 1 and the pair serves all times. */
  readonly times: Tensor1D;
}

/** Flow at t before it was refined (equation 4 of the paper), and the frames warped along it. */
export interface Approximate {
  /** F(t→0) [T, H, W, 2], in pixels. */
  readonly flowToFirst: Tensor4D;
  /** F(t→1) [T, H, W, 2], in pixels. */
  readonly flowToSecond: Tensor4D;
  /** The first frames warped along `flowToFirst` [T, H, W, 3], where the interpolator has them at hand. */
  readonly firstWarped?: Tensor4D | undefined;
  /** The second frames warped along `flowToSecond` [T, H, W, 3]. */
  readonly secondWarped?: Tensor4D | undefined;
}

/** What an interpolator gives: frames, and where it computes them, what they were made of. All share the batch size T. */
export interface Interpolated {
  /** Frames at the times [T, H, W, 3], RGB, about [0, 1] and not clipped. */
  readonly frames: Tensor4D;
  /** F(t→0) [T, H, W, 2], refined, in pixels. */
  readonly flowToFirst?: Tensor4D | undefined;
  /** F(t→1) [T, H, W, 2], refined, in pixels. */
  readonly flowToSecond?: Tensor4D | undefined;
  /** V(t←0) [T, H, W, 1] in [0, 1]: how far the pixel is seen in the first frame. */
  readonly visibility?: Tensor4D | undefined;
  /** What an interpolator began with before it refined it, for the warping loss. */
  readonly approximate?: Approximate | undefined;
}
