/**
 * Ops that tfjs-core lacks: the backward warp, and padding by edges.
 *
 * @module
 */
export { BACKWARD_WARP, backwardWarp } from "./backward_warp.ts";
export * from "./pad_edges.ts";
export { type Corners, readCorners, warpCorners } from "./warp_corners.ts";
export { withoutGradient } from "./without_gradient.ts";
