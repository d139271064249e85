import type { KernelConfig } from "@tensorflow/tfjs-core";
import { float, typeOf } from "./attributes.ts";
import { kernel } from "./kernel.ts";

/** Name of the kernel; its inputs are `dy` and `x`. */
export const LEAKY_RELU_GRAD = "LeakyReluGrad";

/** `dy` where `x` is above zero, `alpha · dy` elsewhere, as one op. */
export const leakyReluGrad: KernelConfig = kernel<"dy" | "x", { readonly alpha: number }>(
  LEAKY_RELU_GRAD,
  ({ inputs: { dy, x }, attrs: { alpha }, backend }) =>
    backend.executeSingleOutput(LEAKY_RELU_GRAD, [typeOf("T"), float("alpha", alpha)], [dy, x]),
);
