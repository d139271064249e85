/**
 * Image metrics: PSNR, SSIM and interpolation error; and a measure of motion.
 *
 * @module
 */
export * from "./distance.ts";
export * from "./measure.ts";
export * from "./motion.ts";
export * from "./rgb_image.ts";
export * from "./ssim.ts";
