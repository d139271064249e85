/**
 * Image metrics: PSNR, SSIM and interpolation error.
 *
 * @module
 */
export * from "./distance.ts";
export * from "./measure.ts";
export * from "./rgb_image.ts";
export * from "./ssim.ts";
