/**
 * How near pictures are to each other: PSNR, SSIM and interpolation error.
 *
 * @module
 */
export * from "./distance.ts";
export * from "./measure.ts";
export * from "./picture.ts";
export * from "./ssim.ts";
