/**
 * Ops that tfjs-core lacks: the backward warp, padding by edges, and a convolution with its activation that trains as one.
 *
 * @module
 */
export { BACKWARD_WARP, backwardWarp } from "./backward_warp.ts";
export { leakyConvolution } from "./leaky_convolution.ts";
export * from "./pad_edges.ts";
export { type Corners, readCorners, warpCorners } from "./warp_corners.ts";
export { withoutGradient } from "./without_gradient.ts";
