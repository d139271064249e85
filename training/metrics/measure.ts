import { interpolationError, psnr } from "./distance.ts";
import type { RgbImage } from "./rgb_image.ts";
import { ssim } from "./ssim.ts";

/** Scores of an interpolated frame against its ground truth. */
export interface Scores {
  /** Peak signal-to-noise ratio over RGB in dB; infinite for equal images. */
  readonly psnr: number;
  /** Structural similarity, mean of R, G and B. */
  readonly ssim: number;
  /** Structural similarity of luma. */
  readonly ssimLuma: number;
  /** Root of the mean squared difference over RGB, 0 to 255. */
  readonly ie: number;
}

/** Descriptions of the metrics for reports. */
export const MEASURED: Readonly<Record<string, string>> = {
  pixels: "8-bit RGB, rounded before measuring; every pixel counts, no motion mask, no border cropped",
  psnr: "10·log10(255² / MSE) in dB, MSE over all pixels and channels of an image; equal images give infinity",
  ssim:
    "11×11 Gaussian window, σ 1.5, population covariance, K1 0.01, K2 0.03, windows wholly inside; mean of R, G and B",
  ssimLuma: "the same on luma, 0.299 R + 0.587 G + 0.114 B, not rounded",
  ie: "interpolation error as root mean squared difference over RGB, 0 to 255 (not the mean absolute difference)",
  mean: "of a sequence: the mean over its frames; of a set: the mean over its sequences",
};

/** Luma by ITU-R BT.601 of interleaved RGB, on the same scale, not rounded. */
export function lumaOf(rgb: Uint8Array | Float32Array): Float32Array<ArrayBuffer> {
  const luma = new Float32Array(rgb.length / 3);
  for (let i = 0, from = 0; i < luma.length; i++, from += 3) {
    luma[i] = 0.299 * rgb[from]! + 0.587 * rgb[from + 1]! + 0.114 * rgb[from + 2]!;
  }
  return luma;
}

/**
 * Measures an interpolated frame against the ground truth; {@linkcode MEASURED} describes the metrics.
 *
 * @throws {RangeError} If their sizes differ, or are below 11 × 11.
 */
export function measure(interpolated: RgbImage, groundTruth: RgbImage): Scores {
  const { width, height } = groundTruth;
  if (interpolated.width !== width || interpolated.height !== height) {
    throw new RangeError(
      `measure: sizes must be equal, got ${interpolated.width}×${interpolated.height} and ${width}×${height}`,
    );
  }
  return {
    psnr: psnr(interpolated.pixels, groundTruth.pixels),
    ssim: ssim(interpolated.pixels, groundTruth.pixels, { width, height, channels: 3 }),
    ssimLuma: ssim(lumaOf(interpolated.pixels), lumaOf(groundTruth.pixels), { width, height, channels: 1 }),
    ie: interpolationError(interpolated.pixels, groundTruth.pixels),
  };
}

/** Returns the mean of each score. */
export function meanScores(scores: readonly Scores[]): Scores {
  const mean = (key: keyof Scores) => scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  return { psnr: mean("psnr"), ssim: mean("ssim"), ssimLuma: mean("ssimLuma"), ie: mean("ie") };
}
