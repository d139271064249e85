/** Name of the tfjs kernel; its inputs are `image` and `flow`, and it has no attributes. */
export const BACKWARD_WARP = "BackwardWarp";

/**
 * Name of the kernel of ∂/∂flow; its inputs are `dy`, `image` and `flow`. A backend that lacks it composes the gradient of
 * other ops.
 */
export const WARP_FLOW_GRADIENT = "BackwardWarpFlowGrad";

/** Name of the kernel of ∂/∂image, optional likewise; its inputs are `dy`, `image` and `flow`. */
export const WARP_IMAGE_GRADIENT = "BackwardWarpImageGrad";
