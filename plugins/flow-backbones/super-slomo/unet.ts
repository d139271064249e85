import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { upsampleTwice } from "./upsample.ts";

/** Options that determine the shapes of a UNet's parameters. */
export interface UNetShape {
  /** Number of input channels. */
  readonly inputs: number;
  /** Number of output channels. */
  readonly outputs: number;
  /** Factor of `channels`, above 0. */
  readonly width: number;
  /** Channels of the encoder's hierarchies at width 1, finest first, two or more. @default {the paper's six} */
  readonly channels?: readonly number[] | undefined;
  /** Kernel size of the first hierarchy, odd; 7 in the paper. */
  readonly firstKernel: number;
  /** Kernel size of the second hierarchy, odd; 5 in the paper. */
  readonly secondKernel: number;
  /**
   * Factor by which the hierarchies are smaller than the input and the output, an integer. Above 1, the first convolution
   * reads blocks of `reduction`² pixels (space to depth), and the last one computes such blocks (depth to space).
   * @default {1}
   */
  readonly reduction?: number | undefined;
}

/** The members of {@linkcode UNetShape} that decide how {@linkcode unet} runs its parameters. */
export type UNetLayout = Pick<UNetShape, "channels" | "reduction">;

/** Channels of the encoder's hierarchies in the paper. */
export const PAPER_CHANNELS: readonly number[] = [32, 64, 128, 256, 512, 512];

/** Returns the number that sizes must be multiples of to be halved by all hierarchies. */
export function multipleOf({ channels = PAPER_CHANNELS, reduction = 1 }: UNetLayout): number {
  return reduction * 2 ** (channels.length - 1);
}

/** Slope of the leaky ReLU below zero. */
export const SLOPE = 0.1;

const FEWEST_CHANNELS = 4;

/** The last layer starts near zero, so that training starts without motion. */
const OUTPUT_DEVIATION = 1e-3;

function convolutionParameters(
  name: string,
  kernel: number,
  inputs: number,
  outputs: number,
  init: ParameterSpec["init"] = { kind: "he", slope: SLOPE },
): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [kernel, kernel, inputs, outputs], init },
    { name: `${name}.bias`, shape: [outputs], init: { kind: "zeros" } },
  ];
}

/** Returns the channels of each hierarchy. */
export function channelCounts({ width, channels = PAPER_CHANNELS }: Pick<UNetShape, "width" | "channels">): number[] {
  return channels.map((count) => Math.max(FEWEST_CHANNELS, Math.round(count * width)));
}

/**
 * Returns the tensors that {@linkcode unet} needs: `encoder.I.conv1|conv2`, `decoder.J.conv1|conv2` (J from the coarsest), `output`.
 * The kernel of `encoder.0.conv1` has `reduction` times `firstKernel` pixels a side.
 */
export function unetParameters(shape: UNetShape): ParameterSpec[] {
  const { inputs, outputs, firstKernel, secondKernel, reduction = 1 } = shape;
  const channels = channelCounts(shape), deepest = channels.length - 1;
  const encoder = channels.flatMap((count, i) => {
    const kernel = [firstKernel, secondKernel][i] ?? 3, stem = i === 0 ? reduction * kernel : kernel;
    return [
      ...convolutionParameters(`encoder.${i}.conv1`, stem, channels[i - 1] ?? inputs, count),
      ...convolutionParameters(`encoder.${i}.conv2`, kernel, count, count),
    ];
  });
  const decoder = channels.slice(0, deepest).reverse().flatMap((count, j) => [
    ...convolutionParameters(`decoder.${j}.conv1`, 3, channels[deepest - j]!, count),
    ...convolutionParameters(`decoder.${j}.conv2`, 3, 2 * count, count),
  ]);
  const output = convolutionParameters("output", 3, channels[0]!, outputs * reduction ** 2, {
    kind: "normal",
    deviation: OUTPUT_DEVIATION,
  });
  return [...encoder, ...decoder, ...output];
}

/** Returns the tensors of a convolution. */
function convolution(
  parameters: Parameters,
  name: string,
): { readonly filter: tf.Tensor4D; readonly bias: tf.Tensor1D } {
  return { filter: parameters[`${name}.weight`] as tf.Tensor4D, bias: parameters[`${name}.bias`] as tf.Tensor1D };
}

/** Returns the features at hierarchy `i`, including those of coarser ones. Frees intermediate tensors early. */
function hierarchy(
  parameters: Parameters,
  i: number,
  x: tf.Tensor4D,
  { deepest, reduction }: { readonly deepest: number; readonly reduction: number },
): tf.Tensor4D {
  const layer = (name: string, x: tf.Tensor4D, stride = 1) => {
    const { filter, bias } = convolution(parameters, name);
    return ops.leakyConvolution(x, filter, bias, SLOPE, stride);
  };
  return tf.tidy(() => {
    const features = tf.tidy(() =>
      layer(`encoder.${i}.conv2`, layer(`encoder.${i}.conv1`, x, i === 0 ? reduction : 1))
    );
    if (i === deepest) return features;
    const below = tf.tidy(() =>
      hierarchy(parameters, i + 1, tf.avgPool(features, 2, 2, "valid"), { deepest, reduction })
    );
    const j = deepest - 1 - i;
    const joined = tf.tidy(() => tf.concat([layer(`decoder.${j}.conv1`, upsampleTwice(below)), features], 3));
    return layer(`decoder.${j}.conv2`, joined);
  });
}

/**
 * Computes the paper's UNet on `x` [N, H, W, inputs] of any size: [N, H, W, outputs], linear. Sizes that are not
 * multiples of {@linkcode multipleOf} are padded (edges repeated on the right and below) and cropped back. Differentiable. The caller
 * disposes.
 *
 * @param layout That of the parameters. @default {the paper's}
 */
export function unet(parameters: Parameters, x: tf.Tensor4D, layout: UNetLayout = {}): tf.Tensor4D {
  const [, height, width] = x.shape, { channels = PAPER_CHANNELS, reduction = 1 } = layout;
  return tf.tidy(() => {
    const padded = ops.padToMultiple(x, multipleOf(layout));
    const features = hierarchy(parameters, 0, padded, { deepest: channels.length - 1, reduction });
    const output = tf.fused.conv2d({ ...convolution(parameters, "output"), x: features, strides: 1, pad: "same" });
    return ops.cropTo(reduction === 1 ? output : ops.depthToSpace(output, reduction), height, width);
  });
}
