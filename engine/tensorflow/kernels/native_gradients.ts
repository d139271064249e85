import * as tf from "@tensorflow/tfjs-core";
import { bool, float, kernel, typeOf } from "./kernel.ts";

/** Gradients by the names of inputs, computed on demand. */
type Gradients = Record<string, () => tf.Tensor>;

/** Returns gradients for `dy`, the saved tensors and the attributes of the op. */
type NativeGradient = (
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  attributes: tf.NamedAttrMap,
) => Gradients;

/**
 * Replaces a gradient that tfjs composes of many ops, on backends that have a kernel for it.
 *
 * @param kernelName The op of the gradient.
 * @param native The kernel that the backend must have.
 */
export function preferNativeGradient(kernelName: string, native: string, gradFunc: NativeGradient): void {
  const original: tf.GradConfig | undefined = tf.getGradient(kernelName);
  if (original === undefined) throw new TypeError(`tensorflow: there is no gradient of ${kernelName} to build on`);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...original,
    gradFunc: (dy, saved, attributes) => {
      const isMissing = Array.isArray(dy) || tf.getKernel(native, tf.getBackend()) === undefined;
      return isMissing ? original.gradFunc(dy, saved, attributes) : gradFunc(dy, saved, attributes);
    },
  });
}

/** Runs a kernel with one output. */
export function runKernel(name: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;
}

/** Name of the kernel; its inputs are `dy` and `x`. */
export const LEAKY_RELU_GRAD = "LeakyReluGrad";

/** `dy` if `x` is above zero, else `alpha · dy`, as one op. */
export const leakyReluGrad: tf.KernelConfig = kernel<"dy" | "x", { readonly alpha: number }>(
  LEAKY_RELU_GRAD,
  ({ inputs: { dy, x }, attrs: { alpha }, backend }) =>
    backend.executeSingleOutput(LEAKY_RELU_GRAD, [typeOf("T"), float("alpha", alpha)], [dy, x]),
);

/** The gradient of `resizeBilinear`. That of the package ignores `half_pixel_centers` and is wrong with it. */
export const resizeBilinearGrad: tf.KernelConfig = kernel<
  "dy" | "images",
  { readonly alignCorners: boolean; readonly halfPixelCenters: boolean }
>("ResizeBilinearGrad", ({ inputs: { dy, images }, attrs: { alignCorners, halfPixelCenters }, backend }) => {
  const attributes = [typeOf("T"), bool("align_corners", alignCorners), bool("half_pixel_centers", halfPixelCenters)];
  return backend.executeSingleOutput("ResizeBilinearGrad", attributes, [dy, images]);
});
