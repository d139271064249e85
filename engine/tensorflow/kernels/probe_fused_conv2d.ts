import type { TensorflowBinding } from "../binding/binding.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import { ints, text, typeOf } from "./attributes.ts";
import { FUSED_CONV2D, fusedAttributes } from "./fused_conv2d.ts";

/** Whether this library, on this device, has the one op for convolution, bias and activation; found out by running it. */
export function hasFusedConv2d(binding: TensorflowBinding): boolean {
  if (binding.isUsingGpuDevice()) return false;
  const made: number[] = [];
  const ones = (...shape: number[]) => {
    made.push(
      binding.createTensor(shape, DATA_TYPES.TF_FLOAT, new Float32Array(shape.reduce((a, b) => a * b)).fill(1)),
    );
    return made.at(-1) ?? -1;
  };
  try {
    const attributes = [
      typeOf("T"),
      text("padding", "SAME"),
      ints("strides", [1, 1, 1, 1]),
      ...fusedAttributes(["LeakyRelu"], DATA_TYPES.TF_FLOAT, 0.1),
    ];
    const inputs = [ones(1, 2, 2, 1), ones(1, 1, 1, 1), ones(1)];
    made.push(...binding.executeOp(FUSED_CONV2D, attributes, inputs, 1).map(({ id }) => id));
    return true;
  } catch {
    return false;
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}
