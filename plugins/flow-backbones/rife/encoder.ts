import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { convolutionSpecs, convolve, enlarge, SLOPE, transposedSpecs } from "./layers.ts";

/** Channels of the features of a frame. */
export const FEATURES = 4;

/** Channels of the encoder. */
const ENCODER = 16;

/** Returns the tensors of the encoder: `encoder.0` to `encoder.3`. */
export function encoderParameters(): ParameterSpec[] {
  return [
    ...convolutionSpecs("encoder.0", 3, ENCODER),
    ...convolutionSpecs("encoder.1", ENCODER, ENCODER),
    ...convolutionSpecs("encoder.2", ENCODER, ENCODER),
    ...transposedSpecs("encoder.3", ENCODER, FEATURES, { kind: "he", slope: SLOPE }),
  ];
}

/** Features of a frame, which all pairs with the frame share. */
export interface FrameFeatures {
  /** The frame and its features, which the blocks see warped: [N, H, W, 7], or [N, H/2, W/2, 7] without a block of reduction 1. */
  readonly seen: tf.Tensor4D;
  /** `seen` in full resolution, averaged over 2×2 neighbors [N, H, W, 7]; for reduced warps. */
  readonly averaged?: tf.Tensor4D | undefined;
}

/** Options that determine how a network sees frames. */
export interface FrameView {
  /** Factors by which the blocks reduce the frames, powers of two, coarse to fine. */
  readonly reductions: readonly number[];
  /** Whether blocks see only those pixels of the warped frames that they need. */
  readonly reducedWarps: boolean;
}

/** Whether a network sees frames in half resolution, because no block has more. */
export const isHalved = ({ reductions }: FrameView) => reductions.at(-1)! > 1;

/**
 * A filter [3, 3, C, 4] of a convolution that gives the mean over 2×2 pixels of what a transposed convolution with a filter
 * [4, 4, 4, C] and a stride of 2 gives. Pixel 2i of that is x(i) w(1) + x(i - 1) w(3), and pixel 2i + 1 is
 * x(i) w(2) + x(i + 1) w(0).
 */
function halvedFilter(filter: tf.Tensor4D): tf.Tensor4D {
  const halve = (x: tf.Tensor4D, axis: 0 | 1) => {
    const [first, second, third, fourth] = tf.split(x, 4, axis);
    return tf.div<tf.Tensor4D>(tf.concat([fourth!, tf.add(second!, third!), first!], axis), 2);
  };
  return tf.transpose(halve(halve(filter, 0), 1), [0, 1, 3, 2]);
}

/** Returns the features of frames of even size. */
export function encodeFrame(parameters: Parameters, frame: tf.Tensor4D, view: FrameView): FrameFeatures {
  const [seen, averaged] = tf.tidy(() => {
    let x = convolve(parameters, "encoder.0", frame, 2);
    x = convolve(parameters, "encoder.1", x, 1);
    x = convolve(parameters, "encoder.2", x, 1);
    const filter = parameters["encoder.3.weight"] as tf.Tensor4D, bias = parameters["encoder.3.bias"] as tf.Tensor1D;
    if (isHalved(view)) {
      const half = ops.resizeBilinear(frame, frame.shape[1] / 2, frame.shape[2] / 2);
      return [tf.concat([half, tf.add<tf.Tensor4D>(tf.conv2d(x, halvedFilter(filter), 1, "same"), bias)], 3)];
    }
    const seen = tf.concat([frame, enlarge(x, filter, bias)], 3);
    return view.reducedWarps ? [seen, ops.averageNeighbors(seen)] : [seen];
  });
  return { seen: seen!, averaged };
}
