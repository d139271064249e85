import { registerMissingGradients } from "./gradients.ts";
import { conv2dKernels, fusedConv2d } from "./kernels/convolution.ts";
import type { ComputePrecision } from "@slomo/engine";
import { replaceKernel } from "./kernels/kernel.ts";
import {
  LEAKY_RELU_GRAD,
  leakyReluGrad,
  preferNativeGradient,
  resizeBilinearGrad,
  runKernel,
} from "./kernels/native_gradients.ts";

/** Settings that kernels read each time they run. */
export interface KernelSettings {
  /** Number format in which convolutions are multiplied. */
  precision: ComputePrecision;
  /** Whether the library has an op for a convolution with bias and activation. */
  fusedConvolution: boolean;
}

/** A correction or an optimization of `@tensorflow/tfjs-node-gpu` 4.22.0, applied in memory. */
export interface Patch {
  /** The replaced kernels or gradients. */
  readonly target: string;
  /** Reason for the replacement. */
  readonly reason: string;
  /** Registers the replacement. */
  apply(): void;
}

/** Returns all patches, except for the functions of `node:util` that the package needs while it loads. */
export function patches(settings: KernelSettings): readonly Patch[] {
  const precision = () => settings.precision;
  return [
    {
      target: "ResizeBilinearGrad",
      reason: "it ignores half_pixel_centers: gradients of half-pixel upsampling are wrong",
      apply: () => replaceKernel(resizeBilinearGrad),
    },
    {
      target: "Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter",
      reason: "they support neither numeric padding nor bfloat16",
      apply: () => conv2dKernels(precision).forEach(replaceKernel),
    },
    {
      target: "FusedConv2D",
      reason: "it runs convolution, bias and activation as three ops",
      apply: () => replaceKernel(fusedConv2d(precision, () => settings.fusedConvolution)),
    },
    {
      target: "the gradient of LeakyRelu",
      reason: "tfjs-core's is four ops, a sixth of a training step",
      apply: () => {
        replaceKernel(leakyReluGrad);
        preferNativeGradient("LeakyRelu", LEAKY_RELU_GRAD, (dy, [x], attributes) => ({
          x: () => runKernel(LEAKY_RELU_GRAD, { dy, x: x! }, attributes),
        }));
      },
    },
    {
      target: "the gradients of GatherNd, ScatterNd, TensorScatterUpdate, DepthToSpace, GatherV2, MirrorPad and Cumsum",
      reason: "tfjs-core lacks the first four, fails for GatherV2 with computed indices, and is wrong for the last two",
      apply: registerMissingGradients,
    },
  ];
}
