import * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import { cropTo, leakyConvolution, padToMultiple } from "@slomo/ops";
import { upsampleTwice } from "./upsample.ts";

/** Options that determine the shapes of a UNet's parameters. */
export interface UNetShape {
  /** Number of input channels. */
  readonly inputs: number;
  /** Number of output channels. */
  readonly outputs: number;
  /** Factor of the paper's channel counts, above 0. */
  readonly width: number;
  /** Kernel size of the first hierarchy, odd; 7 in the paper. */
  readonly firstKernel: number;
  /** Kernel size of the second hierarchy, odd; 5 in the paper. */
  readonly secondKernel: number;
}

/** Channels of the encoder's hierarchies at width 1. */
const CHANNELS = [32, 64, 128, 256, 512, 512] as const;

/** Index of the coarsest hierarchy. */
export const DEEPEST: number = CHANNELS.length - 1;

/** Sizes must be multiples of this to be halved by all hierarchies. */
export const MULTIPLE: number = 2 ** DEEPEST;

/** Slope of the leaky ReLU below zero. */
const SLOPE = 0.1;

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

/** Returns the tensors that {@linkcode unet} needs: `encoder.I.conv1|conv2`, `decoder.J.conv1|conv2` (J from the coarsest), `output`. */
export function unetParameters({ inputs, outputs, width, firstKernel, secondKernel }: UNetShape): ParameterSpec[] {
  const channels = CHANNELS.map((count) => Math.max(FEWEST_CHANNELS, Math.round(count * width)));
  const encoder = channels.flatMap((count, i) => {
    const kernel = [firstKernel, secondKernel][i] ?? 3;
    return [
      ...convolutionParameters(`encoder.${i}.conv1`, kernel, channels[i - 1] ?? inputs, count),
      ...convolutionParameters(`encoder.${i}.conv2`, kernel, count, count),
    ];
  });
  const decoder = channels.slice(0, DEEPEST).reverse().flatMap((count, j) => {
    const below = channels.slice(0, DEEPEST).reverse()[j - 1] ?? channels[DEEPEST]!;
    return [
      ...convolutionParameters(`decoder.${j}.conv1`, 3, below, count),
      ...convolutionParameters(`decoder.${j}.conv2`, 3, 2 * count, count),
    ];
  });
  const output = convolutionParameters("output", 3, channels[0]!, outputs, {
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
function hierarchy(parameters: Parameters, i: number, x: tf.Tensor4D): tf.Tensor4D {
  const layer = (name: string, x: tf.Tensor4D) => {
    const { filter, bias } = convolution(parameters, name);
    return leakyConvolution(x, filter, bias, SLOPE);
  };
  return tf.tidy(() => {
    const features = tf.tidy(() => layer(`encoder.${i}.conv2`, layer(`encoder.${i}.conv1`, x)));
    if (i === DEEPEST) return features;
    const below = tf.tidy(() => hierarchy(parameters, i + 1, tf.avgPool(features, 2, 2, "valid")));
    const j = DEEPEST - 1 - i;
    const joined = tf.tidy(() => tf.concat([layer(`decoder.${j}.conv1`, upsampleTwice(below)), features], 3));
    return layer(`decoder.${j}.conv2`, joined);
  });
}

/**
 * Computes the paper's UNet on `x` [N, H, W, inputs] of any size: [N, H, W, outputs], linear. Sizes that are not
 * multiples of 32 are padded (edges repeated on the right and below) and cropped back. Differentiable. The caller
 * disposes.
 */
export function unet(parameters: Parameters, x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.tidy(() => {
    const features = hierarchy(parameters, 0, padToMultiple(x, MULTIPLE));
    const output = tf.fused.conv2d({ ...convolution(parameters, "output"), x: features, strides: 1, pad: "same" });
    return cropTo(output, height, width);
  });
}
