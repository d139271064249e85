import { flowImage } from "@slomo/core/frames";
import { type Picture, pictureOf } from "../metrics/picture.ts";
import type { ValidationSample } from "./validate.ts";

/** Pixels between pictures. */
const GAP = 4;
const PAPER = 255;

function visibilityPicture(visibility: Float32Array, { width, height }: Picture): Picture {
  const levels = new Uint8Array(width * height * 3);
  for (let i = 0; i < levels.length; i++) levels[i] = Math.round(255 * visibility[Math.floor(i / 3)]!);
  return { width, height, levels };
}

function rowOf({ first, blend, made, truth, flow, visibility }: ValidationSample): Picture[] {
  const { width, height } = truth, row = [first, blend, made, truth];
  if (flow) row.push(pictureOf(flowImage({ width, height, values: flow })));
  if (visibility) row.push(visibilityPicture(visibility, truth));
  return row;
}

/**
 * One row a sample: I0, blend, prediction, truth, flow F(0→1) in Middlebury's color code (each scaled by its own longest
 * vector), visibility V(t←0). Samples of one size.
 */
export function pictureSheet(samples: readonly ValidationSample[]): Picture {
  const rows = samples.map(rowOf), { width: cell, height: line } = samples[0]!.truth;
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * (cell + GAP) - GAP, height = rows.length * (line + GAP) - GAP;
  const levels = new Uint8Array(width * height * 3).fill(PAPER);
  rows.forEach((row, i) =>
    row.forEach((picture, k) => {
      for (let y = 0; y < line; y++) {
        const target = ((i * (line + GAP) + y) * width + k * (cell + GAP)) * 3;
        levels.set(picture.levels.subarray(y * cell * 3, (y + 1) * cell * 3), target);
      }
    })
  );
  return { width, height, levels };
}
