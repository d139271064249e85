/**
 * How near images are to each other: PSNR, SSIM and interpolation error.
 *
 * @module
 */
export * from "./distance.ts";
export * from "./measure.ts";
export * from "./rgb_image.ts";
export * from "./ssim.ts";
