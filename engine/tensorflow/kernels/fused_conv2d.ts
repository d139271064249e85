import type { ComputePrecision } from "@slomo/engine";
import { add, type KernelConfig, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { Attribute } from "../binding/attributes.ts";
import { float, ints, text, typeOf } from "./attributes.ts";
import { type ConvolutionAttributes, convolutionAttributes, convolve } from "./convolution.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import { kernel, type KernelCall } from "./kernel.ts";

interface FusedAttributes extends ConvolutionAttributes {
  readonly activation?: string | undefined;
  readonly leakyreluAlpha?: number | undefined;
}

type FusedCall = KernelCall<"x" | "filter", FusedAttributes> & {
  readonly inputs: { readonly bias?: TensorInfo | undefined; readonly preluActivationWeights?: TensorInfo | undefined };
};

/** oneDNN's one op for a convolution with what follows it. */
export const FUSED_CONV2D = "_MklNativeFusedConv2D";

/** oneDNN's names of the activations that it computes while it writes a convolution out. */
const FUSED: Readonly<Record<string, readonly string[]>> = {
  linear: [],
  relu: ["Relu"],
  relu6: ["Relu6"],
  elu: ["Elu"],
  leakyrelu: ["LeakyRelu"],
};

/** What {@linkcode FUSED_CONV2D} takes besides the attributes of a convolution. */
export const fusedAttributes = (activation: readonly string[], type: number, alpha: number): Attribute[] => [
  text("_kernel", "MklNameChangeOp"), // the label under which TensorFlow registers it, for graphs it has rewritten
  text("fused_ops", ["BiasAdd", ...activation]),
  ints("num_args", 1),
  typeOf("TArgs", [type]),
  float("leakyrelu_alpha", alpha),
];

/** Convolution, bias and activation as one op. */
function fused(call: FusedCall, bias: TensorInfo, activation: readonly string[], precision: ComputePrecision): Tensor {
  const { inputs: { x, filter }, attrs, backend } = call;
  const type = precision === "bfloat16" ? DATA_TYPES.TF_BFLOAT16 : DATA_TYPES.TF_FLOAT;
  const attributes = [
    ...convolutionAttributes(x.shape, filter.shape, attrs),
    ...fusedAttributes(activation, type, attrs.leakyreluAlpha ?? 0.2),
  ];
  return convolve(backend, { op: FUSED_CONV2D, attributes, inputs: [x, filter, bias] }, precision);
}

/** The same in three ops, for what cannot be fused. */
function composed(
  { inputs: { x, filter, bias, preluActivationWeights }, attrs, backend }: FusedCall,
  precision: ComputePrecision,
): Tensor {
  const attributes = convolutionAttributes(x.shape, filter.shape, attrs);
  const convolved = convolve(backend, { op: "Conv2D", attributes, inputs: [x, filter] }, precision);
  const biased = bias === undefined ? convolved : add(convolved, bias as Tensor);
  const { activation = "linear", leakyreluAlpha } = attrs;
  const result = backend.applyActivation(biased, activation, preluActivationWeights, leakyreluAlpha);
  for (const step of new Set([convolved, biased])) if (step !== result) step.dispose();
  return result;
}

/** `fused.conv2d`, as one op where the library has one for it (`native()`) and the activation is among those it knows. */
export function fusedConv2d(precision: () => ComputePrecision, native: () => boolean): KernelConfig {
  return kernel<"x" | "filter", FusedAttributes>("FusedConv2D", (call: FusedCall) => {
    const { bias } = call.inputs, activation = FUSED[call.attrs.activation ?? "linear"];
    const fits = native() && bias?.shape.length === 1 && activation !== undefined && call.attrs.dataFormat === "NHWC";
    return fits ? fused(call, bias, activation, precision()) : composed(call, precision());
  });
}
