import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropInputAttrs,
  type FusedConv2DAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { ElementType } from "../graph/values.ts";
import { UntraceableError } from "../trace/tracing_backend.ts";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

/** A shape with four axes. */
export type Shape4D = [number, number, number, number];

/** @throws {UntraceableError} If a kernel is called with another layout than NHWC. */
export function requireNhwc(op: string, dataFormat: string | undefined): void {
  if (dataFormat === "NCHW") throw new UntraceableError(`onnx: ${op} must have dataFormat NHWC, got NCHW`);
}

/** Inputs of fused kernels other than `x` and `filter`. */
interface Fused {
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
}

/** Kernels of activations, by their names in tfjs. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
};

/** Applies the activation of a fused kernel. */
export function activate(
  g: Tracing,
  x: TensorInfo,
  { activation = "linear", leakyreluAlpha }: Partial<Pick<FusedConv2DAttrs, "activation" | "leakyreluAlpha">>,
  alpha?: TensorInfo,
): TensorInfo {
  if (activation === "linear") return x;
  if (activation === "leakyrelu") return g.run1("LeakyRelu", { x }, { alpha: leakyreluAlpha });
  if (activation === "prelu") return g.run1("Prelu", { x, alpha });
  const kernel = ACTIVATIONS[activation];
  if (kernel === undefined) throw new UntraceableError(`onnx: the activation ${activation} has no mapping`);
  return g.run1(kernel, { x });
}

/** Maps convolutions and depthwise convolutions, with bias and activation of fused kernels. */
const convolution = (depthwise: boolean): Mapping<"x" | "filter", Conv2DAttrs & Partial<FusedConv2DAttrs>> =>
(
  g,
  { x, filter, bias, preluActivationWeights }: { x: TensorInfo; filter: TensorInfo } & Fused,
  attributes,
) => {
  requireNhwc("convolution", attributes.dataFormat);
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const info = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const [height, width, inputs, multiplier] = filter.shape as Shape4D;
  const { top, left, bottom, right } = info.padInfo;
  // Depthwise filters are HWIM in tfjs and [I·M, 1, H, W] in ONNX.
  const weights = depthwise ? g.reshape(filter, [height, width, 1, inputs * multiplier]) : filter;
  const isChannelBias = bias?.shape.length === 1 && bias.shape[0] === info.outChannels;
  const operands = [g.operand(x, "nchw"), g.operand(weights, "oihw"), ...isChannelBias ? [g.operand(bias)] : []];
  const value = g.writer.emit("Conv", operands, {
    kernel_shape: [height, width],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
    group: depthwise ? inputs : 1,
  });
  const convolved = g.result(value, info.outShape, x.dtype as ElementType, "nchw");
  const biased = bias && !isChannelBias ? g.run1("Add", { a: convolved, b: bias }) : convolved;
  return activate(g, biased, attributes, preluActivationWeights);
};

const transposed: Mapping<"dy" | "filter", Conv2DBackpropInputAttrs> = (g, { dy, filter }, attributes) => {
  requireNhwc("transposed convolution", attributes.dataFormat);
  const { inputShape, strides, pad, dimRoundingMode } = attributes;
  const info = backend_util.computeConv2DInfo(inputShape, filter.shape as Shape4D, strides, 1, pad, dimRoundingMode);
  const { top, left, bottom, right } = info.padInfo, [, height, width] = dy.shape as Shape4D;
  const missing = (size: number, from: number, stride: number, kernel: number, pads: number) =>
    size - (stride * (from - 1) + kernel - pads);
  const value = g.writer.emit("ConvTranspose", [g.operand(dy, "nchw"), g.operand(filter, "oihw")], {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
    output_padding: [
      missing(info.inHeight, height, info.strideHeight, info.filterHeight, top + bottom),
      missing(info.inWidth, width, info.strideWidth, info.filterWidth, left + right),
    ],
  });
  return g.result(value, inputShape, dy.dtype as ElementType, "nchw");
};

/** Convolutions. */
export const convolutions: MappingTable = {
  Conv2D: convolution(false),
  Conv2DBackpropInput: transposed,
  DepthwiseConv2dNative: convolution(true),
  FusedConv2D: convolution(false),
  FusedDepthwiseConv2D: convolution(true),
};
