import { flowImage } from "@slomo/core/frames";
import { type RgbImage, toRgbImage } from "../metrics/rgb_image.ts";
import type { ValidationSample } from "./validate.ts";

/** Pixels between images. */
const GAP = 4;
const PAPER = 255;

function visibilityImage(visibility: Float32Array, { width, height }: RgbImage): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(255 * visibility[Math.floor(i / 3)]!);
  return { width, height, pixels };
}

function rowOf({ first, blend, interpolated, groundTruth, flow, visibility }: ValidationSample): RgbImage[] {
  const { width, height } = groundTruth, row = [first, blend, interpolated, groundTruth];
  if (flow) row.push(toRgbImage(flowImage({ width, height, values: flow })));
  if (visibility) row.push(visibilityImage(visibility, groundTruth));
  return row;
}

/**
 * Returns an image with one row per sample: I0, blend, interpolated frame, ground truth, flow F(0→1) in Middlebury's color
 * code (each scaled by its own longest vector), visibility V(t←0). All samples must have one size.
 */
export function imageSheet(samples: readonly ValidationSample[]): RgbImage {
  const rows = samples.map(rowOf), { width: cell, height: line } = samples[0]!.groundTruth;
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * (cell + GAP) - GAP, height = rows.length * (line + GAP) - GAP;
  const pixels = new Uint8Array(width * height * 3).fill(PAPER);
  rows.forEach((row, i) =>
    row.forEach((image, k) => {
      for (let y = 0; y < line; y++) {
        const target = ((i * (line + GAP) + y) * width + k * (cell + GAP)) * 3;
        pixels.set(image.pixels.subarray(y * cell * 3, (y + 1) * cell * 3), target);
      }
    })
  );
  return { width, height, pixels };
}
