import * as tf from "@tensorflow/tfjs-core";
import type { OpCase } from "./op_case.ts";

type Pad = "same" | "valid" | number | [[0, 0], [number, number], [number, number], [0, 0]];

const conv2d = (name: string, kernel: number, strides: number, pad: Pad): OpCase => ({
  name: `conv2d ${name}`,
  shapes: [[2, 9, 11, 5], [kernel, kernel, 5, 6]],
  run: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad),
});

const fused = (
  activation: "linear" | "relu" | "leakyrelu" | "sigmoid" | "elu",
  gradient: boolean,
  pad: Pad = "same",
): OpCase => ({
  name: `fused.conv2d, ${activation}${pad === "same" ? "" : ", explicit padding"}`,
  shapes: [[2, 8, 10, 5], [3, 3, 5, 6], [6]],
  run: (x, filter, bias) =>
    tf.fused.conv2d({
      x: x as tf.Tensor4D,
      filter: filter as tf.Tensor4D,
      bias: bias!,
      strides: 1,
      pad,
      activation,
      leakyreluAlpha: 0.1,
    }),
  gradient,
  kinks: activation === "relu" || activation === "leakyrelu",
});

const resize = (name: string, size: [number, number], corners: boolean, half: boolean): OpCase => ({
  name: `resizeBilinear ${name}`,
  shapes: [[2, 6, 8, 3]],
  run: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, corners, half),
  cpuGradient: false,
});

const pool = (name: string, size: number, stride: number, pad: "same" | "valid"): OpCase => ({
  name: `avgPool ${name}`,
  shapes: [[2, 8, 10, 5]],
  run: (x) => tf.avgPool(x as tf.Tensor4D, size, stride, pad),
  cpuGradient: pad === "valid",
});

/** Convolution, pooling and resizing. */
export const CONVOLUTION_CASES: readonly OpCase[] = [
  ...[7, 5, 3, 1].map((size) => conv2d(`${size}×${size}`, size, 1, "same")),
  conv2d("of stride 2, same", 3, 2, "same"),
  conv2d("of stride 2, valid", 3, 2, "valid"),
  conv2d("with numeric padding", 3, 1, 1),
  conv2d("with explicit padding", 3, 2, [[0, 0], [1, 0], [2, 1], [0, 0]]),
  {
    name: "conv2d, dilated",
    shapes: [[2, 9, 11, 5], [3, 3, 5, 6]],
    run: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same", "NHWC", 2),
    gradient: false,
  },
  {
    name: "conv2dTranspose",
    shapes: [[2, 5, 6, 5], [4, 4, 6, 5]],
    run: (x, filter) => tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 10, 12, 6], 2, "same"),
  },
  {
    name: "depthwiseConv2d",
    shapes: [[2, 8, 10, 5], [3, 3, 5, 1]],
    run: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"),
  },
  fused("linear", true),
  fused("relu", true),
  fused("leakyrelu", true),
  fused("elu", false),
  fused("sigmoid", true),
  fused("leakyrelu", true, 1),
  pool("2×2", 2, 2, "valid"),
  pool("3×3, same", 3, 1, "same"),
  { name: "maxPool 2×2", shapes: [[2, 8, 10, 5]], run: (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid") },
  resize("×2, half-pixel", [12, 16], false, true),
  resize("×½, half-pixel", [3, 4], false, true),
  resize("×2, corners aligned", [12, 16], true, false),
  resize("×2", [12, 16], false, false),
  {
    name: "resizeNearestNeighbor ×2",
    shapes: [[2, 6, 8, 3]],
    run: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [12, 16]),
    cpuGradient: false,
  },
];
