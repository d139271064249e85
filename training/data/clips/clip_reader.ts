import type { Raster } from "../resample.ts";
import type { Clip } from "./clip_index.ts";

/** A rectangle in an image, in pixels. */
export interface Region {
  /** Left edge. */
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  /** Width. */
  readonly width: number;
  /** Height. */
  readonly height: number;
}

/**
 * Fills `into` from a clip's file, from byte `offset` on. The host provides it.
 *
 * @throws {JobError} If the file is too short.
 */
export type ReadClip = (clip: Clip, offset: number, into: Uint8Array<ArrayBuffer>) => void;

/** Reads a region of one frame of a clip. Reads full rows, which are contiguous in the file. */
export function readRegion(read: ReadClip, clip: Clip, frame: number, region: Region): Raster<Uint8Array<ArrayBuffer>> {
  const line = clip.width * 3;
  const rows = new Uint8Array(region.height * line);
  read(clip, (frame * clip.height + region.y) * line, rows);
  if (region.width === clip.width) return { width: region.width, height: region.height, values: rows };
  const values = new Uint8Array(region.width * region.height * 3);
  for (let y = 0; y < region.height; y++) {
    const from = y * line + region.x * 3;
    values.set(rows.subarray(from, from + region.width * 3), y * region.width * 3);
  }
  return { width: region.width, height: region.height, values };
}

/** Draws a random square in the frames of a clip, `side` pixels wide or as many as fit. */
export function drawSquare(random: { integer(below: number): number }, clip: Clip, side: number): Region {
  const fitting = Math.min(side, clip.width, clip.height);
  return {
    x: random.integer(clip.width - fitting + 1),
    y: random.integer(clip.height - fitting + 1),
    width: fitting,
    height: fitting,
  };
}
