import { registerKernel } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "@slomo/ops";
import { registerMissingGradients } from "./gradients.ts";
import { backwardWarp, backwardWarpFlowGrad, WARP_FLOW_GRADIENT } from "./kernels/backward_warp.ts";
import { conv2dKernels } from "./kernels/conv2d.ts";
import type { ComputePrecision } from "@slomo/engine";
import { fusedConv2d } from "./kernels/fused_conv2d.ts";
import { replaceKernel } from "./kernels/kernel.ts";
import { LEAKY_RELU_GRAD, leakyReluGrad } from "./kernels/leaky_relu_grad.ts";
import { preferNativeGradient, runKernel } from "./kernels/native_gradient.ts";
import { resizeBilinearGrad } from "./kernels/resize_bilinear_grad.ts";

/** What kernels read each time they run. */
export interface KernelSettings {
  /** Numbers that convolutions are multiplied in. */
  precision: ComputePrecision;
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
        preferNativeGradient("LeakyRelu", LEAKY_RELU_GRAD, (dy, [x], attributes) => ({
          x: () => runKernel(LEAKY_RELU_GRAD, { dy, x: x! }, attributes),
        }));
      },
    },
    {
      what: "BackwardWarp and its gradient in the flow",
      why: "tfjs has no op that samples a picture along a flow",
      apply: () => {
        registerKernel(backwardWarp);
        registerKernel(backwardWarpFlowGrad);
        preferNativeGradient(BACKWARD_WARP, WARP_FLOW_GRADIENT, (dy, [image, flow], _, composed) => ({
          ...composed(),
          flow: () => runKernel(WARP_FLOW_GRADIENT, { dy, image: image!, flow: flow! }),
        }));
      },
    },
    {
      what: "the gradients of GatherNd, ScatterNd, TensorScatterUpdate, DepthToSpace, GatherV2, MirrorPad and Cumsum",
      why:
        "tfjs-core has none of the first four, refuses its own of GatherV2 where indices are computed, and is wrong in the last two",
      apply: registerMissingGradients,
    },
  ];
}
