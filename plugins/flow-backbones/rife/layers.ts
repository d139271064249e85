import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import defer * as ops from "@slomo/ops";

/** Slope of the leaky ReLUs below zero. */
export const SLOPE = 0.2;

/** Returns the tensors of a convolution with a kernel of 3×3: NAME.weight and NAME.bias. */
export function convolutionSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [3, 3, inputs, outputs], init: { kind: "he", slope: SLOPE } },
    { name: `${name}.bias`, shape: [outputs], init: { kind: "zeros" } },
  ];
}

/** Returns the tensors of a transposed convolution with a kernel of 4×4, whose filter is [height, width, output, input]. */
export function transposedSpecs(
  name: string,
  inputs: number,
  outputs: number,
  init: ParameterSpec["init"],
): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [4, 4, outputs, inputs], init },
    { name: `${name}.bias`, shape: [outputs], init: { kind: "zeros" } },
  ];
}

/** Returns `count` channels of `x` [N, H, W, C]. */
export function channelsOf(x: tf.Tensor4D, begin: number, count: number): tf.Tensor4D {
  const [n, height, width] = x.shape;
  return tf.slice(x, [0, 0, 0, begin], [n, height, width, count]);
}

/** A convolution with zeros around its input, as PyTorch's `padding=1`, and a leaky ReLU. */
export function convolve(parameters: Parameters, name: string, x: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  const filter = parameters[`${name}.weight`] as tf.Tensor4D, bias = parameters[`${name}.bias`] as tf.Tensor1D;
  return ops.leakyConvolution(x, filter, bias, SLOPE, stride, 1);
}

/** Doubles the size by a transposed convolution. */
export function enlarge(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const [n, height, width] = x.shape, outputs = filter.shape[2];
  return tf.add(tf.conv2dTranspose(x, filter, [n, 2 * height, 2 * width, outputs], 2, "same"), bias);
}
