import { interpolationError, psnr } from "./distance.ts";
import type { Picture } from "./picture.ts";
import { ssim } from "./ssim.ts";

/** How near a made picture is to the true one. */
export interface Scores {
  /** Peak signal-to-noise ratio over RGB in dB; infinite for equal pictures. */
  readonly psnr: number;
  /** Structural similarity, mean of R, G and B. */
  readonly ssim: number;
  /** Structural similarity of luma. */
  readonly ssimLuma: number;
  /** Root of the mean squared difference over RGB, 0 to 255. */
  readonly ie: number;
}

/** What {@linkcode measure} does, for the reader of a report. */
export const MEASURED: Readonly<Record<string, string>> = {
  pixels: "8-bit RGB, rounded before measuring; every pixel counts, no motion mask, no border cropped",
  psnr: "10·log10(255² / MSE) in dB, MSE over all pixels and channels of a picture; equal pictures give infinity",
  ssim:
    "11×11 Gaussian window, σ 1.5, population covariance, K1 0.01, K2 0.03, windows wholly inside; mean of R, G and B",
  ssimLuma: "the same on luma, 0.299 R + 0.587 G + 0.114 B, not rounded",
  ie: "interpolation error as root mean squared difference over RGB, 0 to 255 (not the mean absolute difference)",
  mean: "of a sequence: the mean of its pictures' figures; of a set: the mean of its sequences' figures",
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
 * Compares two pictures, as {@linkcode MEASURED} says.
 *
 * @throws {RangeError} If their sizes differ, or are below 11 × 11.
 */
export function measure(made: Picture, truth: Picture): Scores {
  const { width, height } = truth;
  if (made.width !== width || made.height !== height) {
    throw new RangeError(`measure: sizes must be equal, got ${made.width}×${made.height} and ${width}×${height}`);
  }
  return {
    psnr: psnr(made.levels, truth.levels),
    ssim: ssim(made.levels, truth.levels, { width, height, channels: 3 }),
    ssimLuma: ssim(lumaOf(made.levels), lumaOf(truth.levels), { width, height, channels: 1 }),
    ie: interpolationError(made.levels, truth.levels),
  };
}

/** The mean of each figure. */
export function meanScores(scores: readonly Scores[]): Scores {
  const mean = (key: keyof Scores) => scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  return { psnr: mean("psnr"), ssim: mean("ssim"), ssimLuma: mean("ssimLuma"), ie: mean("ie") };
}
