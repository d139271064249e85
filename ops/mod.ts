/**
 * Ops that tfjs-core lacks: the backward warp, padding with edge pixels, a convolution with its activation and its gradient,
 * depth to space and bilinear resizing with their gradients, and the conversion of convolution filters between layouts.
 *
 * @module
 */
export { averageNeighbors } from "./average_neighbors.ts";
export { BACKWARD_WARP, backwardWarp, WARP_FLOW_GRADIENT, WARP_IMAGE_GRADIENT } from "./backward_warp.ts";
export { depthToSpace } from "./depth_to_space.ts";
export { hwioFromOihw } from "./filter_layout.ts";
export { leakyConvolution } from "./leaky_convolution.ts";
export * from "./pad_edges.ts";
export { resizeBilinear } from "./resize_bilinear.ts";
export { warpArrays, type WarpSizes, warpSizes } from "./warp_arrays.ts";
export { type Corners, readCorners, warpCorners, warpStride } from "./warp_corners.ts";
export * from "./warp_loops.ts";
export { withoutGradient } from "./without_gradient.ts";
