import { warpArrays, warpFlowGradient, warpImageGradient, type WarpSizes, warpSizes } from "./warp_arrays.ts";
import { BACKWARD_WARP, WARP_FLOW_GRADIENT, WARP_IMAGE_GRADIENT } from "./warp_kernels.ts";

/** Name of an input of the backward warp or of its gradients. */
export type WarpInput = "dy" | "image" | "flow";

/** A kernel of the backward warp as a loop on arrays, for backends that compute on the CPU. */
export interface WarpLoop {
  /** Name of the tfjs kernel. */
  readonly kernelName: string;
  /** Returns the shape of the result for the shapes of image and flow. */
  shapeOf(image: readonly number[], flow: readonly number[]): readonly number[];
  /** Computes the result into `out`, which may have any content. */
  run(values: (input: WarpInput) => Float32Array, out: Float32Array, sizes: WarpSizes): void;
}

/** The backward warp and both of its gradients. */
export const WARP_LOOPS: readonly WarpLoop[] = [
  {
    kernelName: BACKWARD_WARP,
    shapeOf: (image, flow) => warpSizes(image, flow).shape,
    run: (values, out, sizes) => warpArrays(values("image"), values("flow"), out, sizes),
  },
  {
    kernelName: WARP_FLOW_GRADIENT,
    shapeOf: (_, flow) => flow,
    run: (values, out, sizes) => warpFlowGradient(values("dy"), values("image"), values("flow"), out, sizes),
  },
  {
    kernelName: WARP_IMAGE_GRADIENT,
    shapeOf: (image) => image,
    run: (values, out, sizes) => warpImageGradient(values("dy"), values("flow"), out.fill(0), sizes),
  },
];
