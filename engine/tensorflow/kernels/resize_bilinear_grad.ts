import type { KernelConfig } from "@tensorflow/tfjs-core";
import { bool, typeOf } from "./attributes.ts";
import { kernel } from "./kernel.ts";

/** The gradient of `resizeBilinear`. The package's own leaves `half_pixel_centers` out and is silently wrong with it. */
export const resizeBilinearGrad: KernelConfig = kernel<
  "dy" | "images",
  { readonly alignCorners: boolean; readonly halfPixelCenters: boolean }
>("ResizeBilinearGrad", ({ inputs: { dy, images }, attrs: { alignCorners, halfPixelCenters }, backend }) => {
  const attributes = [typeOf("T"), bool("align_corners", alignCorners), bool("half_pixel_centers", halfPixelCenters)];
  return backend.executeSingleOutput("ResizeBilinearGrad", attributes, [dy, images]);
});
