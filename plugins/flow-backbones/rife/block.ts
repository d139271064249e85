import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { FEATURES } from "./encoder.ts";
import { convolutionSpecs, convolve, enlarge, SLOPE, transposedSpecs } from "./layers.ts";

/** Channels of the blocks of RIFE 4.25, coarse to fine. */
export const CHANNELS: readonly number[] = [192, 128, 96, 64, 32];

/** Factors by which the blocks of RIFE 4.25 reduce the frames, coarse to fine. */
export const REDUCTIONS: readonly number[] = [16, 8, 4, 2, 1];

/** Factor by which a block reduces its input further. */
export const BLOCK_REDUCTION = 4;

/** Residual convolutions of a block. */
export const RESIDUALS = 8;

/** Shape of a block. */
export interface BlockShape {
  /** Number of input channels. */
  readonly inputs: number;
  /** Channels of its convolutions, an even number. */
  readonly channels: number;
  /** Number of output channels. */
  readonly outputs: number;
}

/** Returns the tensors of a block: `down.0`, `down.1`, `residual.0` to `residual.7` and `up`. */
export function blockParameters(name: string, { inputs, channels, outputs }: BlockShape): ParameterSpec[] {
  return [
    ...convolutionSpecs(`${name}.down.0`, inputs, channels / 2),
    ...convolutionSpecs(`${name}.down.1`, channels / 2, channels),
    ...Array.from({ length: RESIDUALS }, (_, k) => convolutionSpecs(`${name}.residual.${k}`, channels, channels))
      .flat(),
    // Training begins with almost no motion.
    ...transposedSpecs(`${name}.up`, channels, 4 * outputs, { kind: "normal", deviation: 1e-3 }),
  ];
}

/** A filter that returns its input. */
function identityFilter(channels: number): tf.Tensor4D {
  return tf.pad(tf.reshape(tf.eye(channels), [1, 1, channels, channels]), [[1, 1], [1, 1], [0, 0], [0, 0]]);
}

/** A residual convolution, leakyRelu(conv(x) + x), as one convolution. */
function residual(parameters: Parameters, name: string, x: tf.Tensor4D, identity: tf.Tensor4D): tf.Tensor4D {
  const filter = tf.add<tf.Tensor4D>(parameters[`${name}.weight`]!, identity);
  return ops.leakyConvolution(x, filter, parameters[`${name}.bias`] as tf.Tensor1D, SLOPE, 1, 1);
}

/** The first `kept` of the outputs of a filter's or bias's `axis`, which has all outputs for each of the pixels of a 2×2 block. */
function keepOutputs(x: tf.Tensor, kept: number, axis: number): tf.Tensor {
  const outputs = x.shape[axis]! / 4;
  if (kept === outputs) return x;
  const before = x.shape.slice(0, axis), after = x.shape.slice(axis + 1);
  const pixels = tf.reshape(x, [...before, 4, outputs, ...after]);
  const part = tf.slice(pixels, pixels.shape.map(() => 0), [...before, 4, kept, ...after]);
  return tf.reshape(part, [...before, 4 * kept, ...after]);
}

/** Returns the ranges of a block's input channels for the frame and the features of the first (0) or the second side (1). */
export const sideChannels = (side: number): BlockInput["channels"] => [[3 * side, 3], [6 + FEATURES * side, FEATURES]];

/** A part of the input of a block. */
export interface BlockInput {
  /** [N, H, W, C], of multiples of {@linkcode BLOCK_REDUCTION}. */
  readonly x: tf.Tensor4D;
  /** Ranges of the block's input channels that are those of `x`, in their order. */
  readonly channels: readonly (readonly [begin: number, count: number])[];
}

/**
 * Computes the first convolution of a block. That of all inputs is the sum of those of its parts, so that no tensor has to
 * join them, which would be the largest of the network.
 */
function convolveParts(parameters: Parameters, name: string, inputs: readonly BlockInput[]): tf.Tensor4D {
  const filter = parameters[`${name}.weight`] as tf.Tensor4D, [height, width, , outputs] = filter.shape;
  const rows = (begin: number, count: number) =>
    tf.slice(filter, [0, 0, begin, 0], [height, width, count, outputs]) as tf.Tensor4D;
  const parts = inputs.map(({ x, channels }) =>
    tf.conv2d(x, tf.concat(channels.map((range) => rows(...range)), 2), 2, 1)
  );
  const sum = parts.reduce((a, b) => tf.add<tf.Tensor4D>(a, b));
  return tf.leakyRelu(tf.add<tf.Tensor4D>(sum, parameters[`${name}.bias`]!), SLOPE);
}

/**
 * Runs a block.
 *
 * @param inputs All input channels, in parts.
 * @returns The first `kept` outputs, [N, H, W, kept].
 */
export function runBlock(
  parameters: Parameters,
  name: string,
  inputs: readonly BlockInput[],
  kept: number,
): tf.Tensor4D {
  return tf.tidy(() => {
    let y = convolve(parameters, `${name}.down.1`, convolveParts(parameters, `${name}.down.0`, inputs), 2);
    const identity = identityFilter(y.shape[3]);
    for (let k = 0; k < RESIDUALS; k++) y = residual(parameters, `${name}.residual.${k}`, y, identity);
    const filter = keepOutputs(parameters[`${name}.up.weight`]!, kept, 2) as tf.Tensor4D;
    const bias = keepOutputs(parameters[`${name}.up.bias`]!, kept, 0) as tf.Tensor1D;
    return ops.depthToSpace(enlarge(y, filter, bias), 2);
  });
}
