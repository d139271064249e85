import type { ComputePrecision } from "@slomo/engine";
import { add, backend_util, type KernelConfig, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { TensorflowBinding } from "../binding/binding.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import type { Attribute } from "../binding/ops.ts";
import type { NodeBackend } from "../package.ts";
import { float, ints, kernel, type KernelCall, text, typeOf } from "./kernel.ts";
import { RawOps } from "./raw_ops.ts";

/** Attributes of tfjs's convolutions that this backend reads. */
interface ConvolutionAttributes {
  /** One step, or [vertical, horizontal]. */
  readonly strides: number | [number, number];
  /** `same`, `valid`, pixels on every side, or pixels per side and axis. */
  readonly pad: "same" | "valid" | number | backend_util.ExplicitPadding;
  /** Rounding of sizes with numeric padding. */
  readonly dimRoundingMode?: "floor" | "round" | "ceil" | undefined;
  /** Dilation; absent for gradients. */
  readonly dilations?: number | [number, number] | undefined;
  /** The CPU supports `NHWC` only. */
  readonly dataFormat: "NHWC" | "NCHW";
}

type Shape4D = [number, number, number, number];

/** Returns TensorFlow's attributes of a convolution of `input` [N, H, W, C] with `filter` [h, w, C, D], without the data type. */
export function convolutionAttributes(
  input: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode, dilations = 1, dataFormat }: ConvolutionAttributes,
): Attribute[] {
  const format = dataFormat === "NCHW" ? "channelsFirst" : "channelsLast";
  const info = backend_util.computeConv2DInfo(
    input as Shape4D,
    filter as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    format,
  );
  const spatial = (vertical: number, horizontal: number) =>
    dataFormat === "NCHW" ? [1, 1, vertical, horizontal] : [1, vertical, horizontal, 1];
  const attributes = [
    text("data_format", dataFormat),
    ints("strides", spatial(info.strideHeight, info.strideWidth)),
    ints("dilations", spatial(info.dilationHeight, info.dilationWidth)),
  ];
  const { type, top, bottom, left, right } = info.padInfo;
  if (type === "SAME" || type === "VALID") return [...attributes, text("padding", type)];
  const sides = [top, bottom, left, right];
  return [
    ...attributes,
    text("padding", "EXPLICIT"),
    ints("explicit_paddings", dataFormat === "NCHW" ? [0, 0, 0, 0, ...sides] : [0, 0, ...sides, 0, 0]),
  ];
}

/** An op of a convolution or of one of its gradients, with its inputs in order. */
interface Convolution {
  /** Name of the op in TensorFlow. */
  readonly op: string;
  /** Attributes without the data type. */
  readonly attributes: readonly Attribute[];
  /** float32 tensors, and shapes as lists. */
  readonly inputs: readonly (TensorInfo | readonly number[])[];
}

const isShape = (input: TensorInfo | readonly number[]): input is readonly number[] => Array.isArray(input);

/** Runs a convolution in a precision; inputs and outputs are float32. */
function convolve(
  backend: NodeBackend,
  { op, attributes, inputs }: Convolution,
  precision: ComputePrecision,
): Tensor {
  const raw = new RawOps(backend), isHalf = precision === "bfloat16";
  try {
    const ids = inputs.map((input) => {
      if (isShape(input)) return raw.integers(input);
      const [id = -1] = backend.getInputTensorIds([input]);
      return isHalf ? raw.toBfloat16(id) : id;
    });
    const type = isHalf ? DATA_TYPES.TF_BFLOAT16 : DATA_TYPES.TF_FLOAT;
    const { id } = raw.run(op, [typeOf("T", type), ...attributes], ids);
    return backend.createOutputTensor(raw.take(isHalf ? raw.toFloat32(id) : id));
  } finally {
    raw.free();
  }
}

/**
 * Returns the kernels of `conv2d` and its two gradients. Unlike those of the package they support numeric padding, and
 * they compute in the precision that `precision` returns.
 */
export function conv2dKernels(precision: () => ComputePrecision): KernelConfig[] {
  const forward = kernel<"x" | "filter", ConvolutionAttributes>(
    "Conv2D",
    ({ inputs: { x, filter }, attrs, backend }) => {
      const attributes = convolutionAttributes(x.shape, filter.shape, attrs);
      return convolve(backend, { op: "Conv2D", attributes, inputs: [x, filter] }, precision());
    },
  );
  const toInput = kernel<"dy" | "filter", ConvolutionAttributes & { readonly inputShape: readonly number[] }>(
    "Conv2DBackpropInput",
    ({ inputs: { dy, filter }, attrs, backend }) => {
      const attributes = convolutionAttributes(attrs.inputShape, filter.shape, attrs);
      const inputs = [attrs.inputShape, filter, dy];
      return convolve(backend, { op: "Conv2DBackpropInput", attributes, inputs }, precision());
    },
  );
  const toFilter = kernel<"dy" | "x", ConvolutionAttributes & { readonly filterShape: readonly number[] }>(
    "Conv2DBackpropFilter",
    ({ inputs: { x, dy }, attrs, backend }) => {
      const attributes = convolutionAttributes(x.shape, attrs.filterShape, attrs);
      const inputs = [x, attrs.filterShape, dy];
      return convolve(backend, { op: "Conv2DBackpropFilter", attributes, inputs }, precision());
    },
  );
  return [forward, toInput, toFilter];
}

interface FusedAttributes extends ConvolutionAttributes {
  readonly activation?: string | undefined;
  readonly leakyreluAlpha?: number | undefined;
}

type FusedCall = KernelCall<"x" | "filter", FusedAttributes> & {
  readonly inputs: { readonly bias?: TensorInfo | undefined; readonly preluActivationWeights?: TensorInfo | undefined };
};

/** oneDNN's op for a convolution with bias and activation. */
export const FUSED_CONV2D = "_MklNativeFusedConv2D";

/** oneDNN's names of the activations that it fuses. */
const FUSED: Readonly<Record<string, readonly string[]>> = {
  linear: [],
  relu: ["Relu"],
  relu6: ["Relu6"],
  elu: ["Elu"],
  leakyrelu: ["LeakyRelu"],
};

/** Returns the attributes of {@linkcode FUSED_CONV2D}, except those of a convolution. */
export const fusedAttributes = (activation: readonly string[], type: number, alpha: number): Attribute[] => [
  text("_kernel", "MklNameChangeOp"), // the label of the kernel in TensorFlow, for rewritten graphs
  text("fused_ops", ["BiasAdd", ...activation]),
  ints("num_args", 1),
  typeOf("TArgs", [type]),
  float("leakyrelu_alpha", alpha),
];

/** Runs convolution, bias and activation as one op. */
function fused(call: FusedCall, bias: TensorInfo, activation: readonly string[], precision: ComputePrecision): Tensor {
  const { inputs: { x, filter }, attrs, backend } = call;
  const type = precision === "bfloat16" ? DATA_TYPES.TF_BFLOAT16 : DATA_TYPES.TF_FLOAT;
  const attributes = [
    ...convolutionAttributes(x.shape, filter.shape, attrs),
    ...fusedAttributes(activation, type, attrs.leakyreluAlpha ?? 0.2),
  ];
  return convolve(backend, { op: FUSED_CONV2D, attributes, inputs: [x, filter, bias] }, precision);
}

/** Runs them as three ops. */
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

/** Returns the kernel of `fused.conv2d`: one op if the library has it (`native()`) and knows the activation. */
export function fusedConv2d(precision: () => ComputePrecision, native: () => boolean): KernelConfig {
  return kernel<"x" | "filter", FusedAttributes>("FusedConv2D", (call: FusedCall) => {
    const { bias } = call.inputs, activation = FUSED[call.attrs.activation ?? "linear"];
    const fits = native() && bias?.shape.length === 1 && activation !== undefined && call.attrs.dataFormat === "NHWC";
    return fits ? fused(call, bias, activation, precision()) : composed(call, precision());
  });
}

/** Returns whether the library has {@linkcode FUSED_CONV2D} for its device, by running it. */
export function hasFusedConv2d(binding: TensorflowBinding): boolean {
  if (binding.isUsingGpuDevice()) return false;
  const created: number[] = [];
  const ones = (...shape: number[]) => {
    created.push(
      binding.createTensor(shape, DATA_TYPES.TF_FLOAT, new Float32Array(shape.reduce((a, b) => a * b)).fill(1)),
    );
    return created.at(-1) ?? -1;
  };
  try {
    const attributes = [
      typeOf("T"),
      text("padding", "SAME"),
      ints("strides", [1, 1, 1, 1]),
      ...fusedAttributes(["LeakyRelu"], DATA_TYPES.TF_FLOAT, 0.1),
    ];
    const inputs = [ones(1, 2, 2, 1), ones(1, 1, 1, 1), ones(1)];
    created.push(...binding.executeOp(FUSED_CONV2D, attributes, inputs, 1).map(({ id }) => id));
    return true;
  } catch {
    return false;
  } finally {
    for (const id of created) binding.deleteTensor(id);
  }
}
