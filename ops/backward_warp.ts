import { engine, type NamedTensorMap, type Tensor4D } from "@tensorflow/tfjs-core";
import "./gradients/backward_warp.ts";
import { BACKWARD_WARP } from "./warp_kernels.ts";
import { warpStride } from "./warp_corners.ts";

export { BACKWARD_WARP, WARP_FLOW_GRADIENT, WARP_IMAGE_GRADIENT } from "./warp_kernels.ts";

/**
 * Warps an image backward, g(`image`, `flow`): samples `image` at the position of each pixel plus `flow`, bilinearly.
 * Positions outside the image are clamped to its border. Zero flow returns exactly the image. Differentiable in both; clamped
 * positions have no gradient in the flow.
 *
 * A flow of 1/s of the size of the image, s an integer, samples only one position per s×s pixels: their center plus the flow.
 *
 * @param image [N, H, W, C].
 * @param flow [T, H / s, W / s, 2] in pixels of the image, (dx, dy). T equals N, or N is 1 and the image is used for all flows.
 * @returns [T, H / s, W / s, C]; the caller disposes.
 * @throws {RangeError} If the shapes do not match.
 */
export function backwardWarp(image: Tensor4D, flow: Tensor4D): Tensor4D {
  const [n, , w] = image.shape, [t, , fw, two] = flow.shape, stride = warpStride(image.shape, flow.shape);
  const isSampled = Number.isInteger(stride) && w === fw * stride;
  if (image.rank !== 4 || flow.rank !== 4 || two !== 2 || !isSampled || (n !== t && n !== 1)) {
    throw new RangeError(
      `backwardWarp: image [N, H, W, C] needs flow [N, H, W, 2], or one of 1/s of its size, got image [${image.shape}] and ` +
        `flow [${flow.shape}]`,
    );
  }
  return engine().runKernel(BACKWARD_WARP, { image, flow } as unknown as NamedTensorMap) as Tensor4D;
}
