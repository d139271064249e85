import { registerMissingGradients } from "./gradients.ts";
import { conv2dKernels } from "./kernels/conv2d.ts";
import type { Precision } from "./kernels/convolution.ts";
import { fusedConv2d } from "./kernels/fused_conv2d.ts";
import { replaceKernel } from "./kernels/kernel.ts";
import { leakyReluGrad, useLeakyReluGrad } from "./kernels/leaky_relu_grad.ts";
import { resizeBilinearGrad } from "./kernels/resize_bilinear_grad.ts";

/** What kernels read each time they run. */
export interface KernelSettings {
  /** Numbers that convolutions are multiplied in. */
  precision: Precision;
  /** Whether the library has one op for a convolution with bias and activation. */
  fusedConvolution: boolean;
}

/** One thing that is put right, or made faster, in `@tensorflow/tfjs-node-gpu` 4.22.0 when it is loaded. */
export interface Patch {
  /** What is replaced. */
  readonly what: string;
  /** Why the package's own does not do. */
  readonly why: string;
  /** Puts the replacement in its place; the package's files stay as they are. */
  apply(): void;
}

/** All patches of the package, but for `node:util`'s two lost functions, which must be there before it is loaded. */
export function patches(settings: KernelSettings): readonly Patch[] {
  const precision = () => settings.precision;
  return [
    {
      what: "ResizeBilinearGrad",
      why: "it drops half_pixel_centers: gradients of half-pixel upsampling are silently wrong",
      apply: () => replaceKernel(resizeBilinearGrad),
    },
    {
      what: "Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter",
      why: "they refuse padding given in numbers, and know float32 alone",
      apply: () => conv2dKernels(precision).forEach(replaceKernel),
    },
    {
      what: "FusedConv2D",
      why: "it runs convolution, bias and activation as three ops",
      apply: () => replaceKernel(fusedConv2d(precision, () => settings.fusedConvolution)),
    },
    {
      what: "the gradient of LeakyRelu",
      why: "tfjs-core's is four ops, a sixth of a training step",
      apply: () => {
        replaceKernel(leakyReluGrad);
        useLeakyReluGrad();
      },
    },
    {
      what: "the gradients of GatherNd, ScatterNd, TensorScatterUpdate, DepthToSpace and GatherV2",
      why: "tfjs-core has none of the first four, and refuses its own of the last where indices are computed",
      apply: registerMissingGradients,
    },
  ];
}
