import { UsageError } from "@slomo/core";
import type { ComputePrecision } from "@slomo/engine";
import { util } from "@tensorflow/tfjs-core";
import type { TensorflowBinding } from "../binding/binding.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import type { Attribute } from "../binding/ops.ts";
import { convolutionAttributes, FUSED_CONV2D, fusedAttributes } from "./convolution.ts";
import { typeOf } from "./kernel.ts";
import { type OpBinding, RawOps } from "./raw_ops.ts";

/** The part of a binding that a trial needs. */
export type TrialBinding = OpBinding & Pick<TensorflowBinding, "device" | "tensorDataSync">;

const CHANNELS = 16;
const IMAGE = [1, 34, 34, CHANNELS], FILTER = [3, 3, CHANNELS, CHANNELS];
/** Shape of the convolution. The filter's gradient sums 1,024 products, and sums kept in bfloat16 stop at 256. */
const RESULT = [1, 32, 32, CHANNELS];
const ATTRIBUTES = convolutionAttributes(IMAGE, FILTER, { strides: 1, pad: "valid", dataFormat: "NHWC" });

/** Largest error of a result in bfloat16, relative to the largest value. Sums kept in bfloat16 are off by over 0.1. */
const LARGEST_ERROR = 0.01;

/** Creates a tensor: of ones, or of the integers of a shape. */
type Create = (shape: readonly number[]) => number;

/** An op on tensors of ones. */
interface Trial {
  readonly op: string;
  readonly attributes: (type: number) => readonly Attribute[];
  readonly inputs: (ones: Create, shape: Create) => number[];
}

const FORWARD: Trial = {
  op: "Conv2D",
  attributes: () => ATTRIBUTES,
  inputs: (ones) => [ones(IMAGE), ones(FILTER)],
};
const FUSED: Trial = {
  op: FUSED_CONV2D,
  attributes: (type) => [...ATTRIBUTES, ...fusedAttributes(["LeakyRelu"], type, 0.1)],
  inputs: (ones) => [ones(IMAGE), ones(FILTER), ones([CHANNELS])],
};
const GRADIENTS: readonly Trial[] = [
  {
    op: "Conv2DBackpropInput",
    attributes: () => ATTRIBUTES,
    inputs: (ones, shape) => [shape(IMAGE), ones(FILTER), ones(RESULT)],
  },
  {
    op: "Conv2DBackpropFilter",
    attributes: () => ATTRIBUTES,
    inputs: (ones, shape) => [ones(IMAGE), shape(FILTER), ones(RESULT)],
  },
];

/** Runs a trial and returns its values. */
function run(binding: TrialBinding, { op, attributes, inputs }: Trial, precision: ComputePrecision): number[] {
  const raw = new RawOps({ binding }), isHalf = precision === "bfloat16";
  const type = isHalf ? DATA_TYPES.TF_BFLOAT16 : DATA_TYPES.TF_FLOAT;
  const ones: Create = (shape) => {
    const id = raw.floats(shape, new Float32Array(util.sizeFromShape([...shape])).fill(1));
    return isHalf ? raw.toBfloat16(id) : id;
  };
  try {
    const { id } = raw.run(op, [typeOf("T", type), ...attributes(type)], inputs(ones, (shape) => raw.integers(shape)));
    return Array.from(binding.tensorDataSync(isHalf ? raw.toFloat32(id) : id), Number);
  } finally {
    raw.free();
  }
}

/** Returns the largest difference of `values` from `expected`, relative to the largest value; NaN if one is NaN. */
function errorOf(values: readonly number[], expected: readonly number[]): number {
  let error = 0, range = 0;
  expected.forEach((value, i) => {
    error = Math.max(error, Math.abs(values[i]! - value));
    range = Math.max(range, Math.abs(value));
  });
  return error / range;
}

/**
 * Checks that a device computes in bfloat16, by small convolutions and their gradients. oneDNN refuses the fused op on
 * processors without instructions for bfloat16; there TensorFlow's other kernels keep their sums in bfloat16, which makes
 * gradients wrong.
 *
 * @param hasFused Whether the library has the fused op for the device.
 * @throws {UsageError} If the device fails, or a result is wrong.
 */
export function checkBfloat16(binding: TrialBinding, hasFused: boolean): void {
  const refuse = (reason: string, cause?: unknown) => {
    const device = binding.device.name.replace(/.*device:/, "");
    return new UsageError(
      `tensorflow: cannot compute in bfloat16 on ${device}: ${reason}; set \`precision\` to float32`,
      { code: "unsupported-precision", option: "precision", cause },
    );
  };
  for (const trial of [FORWARD, ...hasFused ? [FUSED] : [], ...GRADIENTS]) {
    const expected = run(binding, trial, "float32");
    let values: number[];
    try {
      values = run(binding, trial, "bfloat16");
    } catch (error) {
      throw refuse(`the device does not support it (${trial.op} fails)`, error);
    }
    const error = errorOf(values, expected);
    // Not `error > LARGEST_ERROR`, which is false for NaN.
    if (!(error <= LARGEST_ERROR)) {
      throw refuse(`${trial.op} is wrong by ${(100 * error).toFixed(0)} %`);
    }
  }
}
