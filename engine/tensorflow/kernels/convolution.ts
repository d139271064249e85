import type { ComputePrecision } from "@slomo/engine";
import { backend_util, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { Attribute } from "../binding/attributes.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import type { NodeBackend } from "../package.ts";
import { ints, text, typeOf } from "./attributes.ts";
import { RawOps } from "./raw_ops.ts";

/** Attributes of tfjs's convolutions that this backend reads. */
export interface ConvolutionAttributes {
  /** One step, or [vertical, horizontal]. */
  readonly strides: number | [number, number];
  /** `same`, `valid`, pixels on every side, or pixels a side and axis. */
  readonly pad: "same" | "valid" | number | backend_util.ExplicitPadding;
  /** How tfjs rounds a size that numeric padding makes fractional. */
  readonly dimRoundingMode?: "floor" | "round" | "ceil" | undefined;
  /** Distance between the samples of a filter; gradients have none. */
  readonly dilations?: number | [number, number] | undefined;
  /** Only `NHWC` runs on the processor. */
  readonly dataFormat: "NHWC" | "NCHW";
}

type Shape4D = [number, number, number, number];

/** TensorFlow's attributes of a convolution of `input` [N, H, W, C] with `filter` [h, w, C, D], their type apart. */
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

/** The op of a convolution, or of one of its gradients, and what goes into it in order: tensors, and shapes. */
export interface Convolution {
  /** TensorFlow's name of the op. */
  readonly op: string;
  /** Attributes without the element type. */
  readonly attributes: readonly Attribute[];
  /** float32 tensors, and shapes as lists. */
  readonly inputs: readonly (TensorInfo | readonly number[])[];
}

const isShape = (input: TensorInfo | readonly number[]): input is readonly number[] => Array.isArray(input);

/** Runs a convolution in the precision asked for; float32 in, float32 out. */
export function convolve(
  backend: NodeBackend,
  { op, attributes, inputs }: Convolution,
  precision: ComputePrecision,
): Tensor {
  const raw = new RawOps(backend), narrow = precision === "bfloat16";
  try {
    const ids = inputs.map((input) => {
      if (isShape(input)) return raw.integers(input);
      const [id = -1] = backend.getInputTensorIds([input]);
      return narrow ? raw.toBfloat16(id) : id;
    });
    const type = narrow ? DATA_TYPES.TF_BFLOAT16 : DATA_TYPES.TF_FLOAT;
    const { id } = raw.run(op, [typeOf("T", type), ...attributes], ids);
    return backend.createOutputTensor(raw.take(narrow ? raw.toFloat32(id) : id));
  } finally {
    raw.free();
  }
}
