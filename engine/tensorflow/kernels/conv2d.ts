import type { ComputePrecision } from "@slomo/engine";
import type { KernelConfig } from "@tensorflow/tfjs-core";
import { type ConvolutionAttributes, convolutionAttributes, convolve } from "./convolution.ts";
import { kernel } from "./kernel.ts";

/**
 * `conv2d` and its two gradients. The package's own refuse padding in numbers; these take it, and run in the precision
 * that `precision` gives at the time.
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
