import type { Frame } from "@slomo/core";
import { imageToRgb } from "@slomo/core/frames";
import { type Raster, resample } from "../resample.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** Criteria for clips. Motion is the mean difference between neighboring frames, in intensity levels (0–255). */
export interface CutClipsOptions {
  /** Largest shorter side in pixels; larger frames are scaled down by area means. */
  readonly size: number;
  /** Smallest number of frames of a clip. */
  readonly shortest: number;
  /** Largest number of frames of a clip; longer shots are divided. */
  readonly longest: number;
  /** Smallest motion of a clip, as the median over its frames. */
  readonly minMotion: number;
  /** Largest motion. */
  readonly maxMotion: number;
}

/** A clip that meets the criteria. */
export interface CutClip {
  /** First frame in the source. */
  readonly start: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** The frames, RGB, 8 bits, row by row. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
  /** Median motion. */
  readonly motion: number;
  /** For {@linkcode createDuplicateFilter}. */
  readonly fingerprint: Uint8Array<ArrayBuffer>;
}

/** Frames of a source that do not meet the criteria. */
export interface DroppedFrames {
  /** First frame in the source. */
  readonly start: number;
  /** Number of frames. */
  readonly count: number;
  /** The reason. */
  readonly why: string;
}

/** Result of {@linkcode cutClips}. */
export type CutResult = { readonly clip: CutClip } | { readonly dropped: DroppedFrames };

type RgbImage = Raster<Uint8Array<ArrayBuffer>>;

/** Motion is measured on every fourth pixel of every fourth row. */
const SPARSE = 4;
/** Clips with a larger share of duplicate frames are dropped. */
const MAX_DUPLICATES = 1 / 3;

/** Converts values in [0, 1] to 8 bits, rounded and clipped. */
function toBytes(values: Float32Array): Uint8Array<ArrayBuffer> {
  const levels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) levels[i] = Math.min(255, Math.max(0, values[i]! * 255 + 0.5));
  return levels;
}

/** Converts a frame to 8-bit RGB, scaled down so that its shorter side fits. */
function toPicture({ image }: Frame, size: number): RgbImage {
  const rgb = { width: image.width, height: image.height, values: imageToRgb(image) };
  const scale = size / Math.min(rgb.width, rgb.height);
  const { width, height, values } = scale >= 1
    ? rgb
    : resample(rgb, Math.round(rgb.width * scale), Math.round(rgb.height * scale));
  return { width, height, values: toBytes(values) };
}

function motionBetween(a: RgbImage, b: RgbImage): number {
  let sum = 0, count = 0;
  for (let y = 0; y < a.height; y += SPARSE) {
    for (let x = 0; x < a.width; x += SPARSE) {
      for (let i = (y * a.width + x) * 3, end = i + 3; i < end; i++) sum += Math.abs(a.values[i]! - b.values[i]!);
      count += 3;
    }
  }
  return sum / count;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.ceil(middle - 0.5)]!) / 2;
}

/** Consecutive frames of one shot. */
interface Piece {
  readonly start: number;
  readonly images: RgbImage[];
  duplicates: number;
}

function judge({ start, images, duplicates }: Piece, options: CutClipsOptions): CutResult {
  const count = images.length, dropped = (why: string): CutResult => ({ dropped: { start, count, why } });
  if (count < options.shortest) return dropped(`${count} frames are fewer than ${options.shortest}`);
  const motion = median(images.slice(1).map((image, i) => motionBetween(images[i]!, image)));
  const shown = motion.toFixed(2);
  if (motion < options.minMotion) {
    return dropped(`its motion is too small: ${shown} intensity levels are below ${options.minMotion}`);
  }
  if (motion > options.maxMotion) {
    return dropped(`its motion is too large: ${shown} intensity levels are above ${options.maxMotion}`);
  }
  if (duplicates > count * MAX_DUPLICATES) return dropped(`${duplicates} of its ${count} frames are duplicates`);
  const { width, height } = images[0]!, frames = images.map(({ values }) => values);
  const shownOnes = [images[0]!, images[Math.floor(count / 2)]!, images.at(-1)!];
  return { clip: { start, width, height, frames, motion, fingerprint: fingerprintOf(shownOnes) } };
}

/**
 * Cuts frames, annotated by `annotateCuts` and `annotateDuplicates`, into clips of one shot each. Holds one clip in
 * memory.
 *
 * @throws Errors of reading the frames, after the clips before them.
 */
export async function* cutClips(frames: AsyncIterable<Frame>, options: CutClipsOptions): AsyncGenerator<CutResult> {
  let piece: Piece | undefined, index = 0;
  for await (const frame of frames) {
    if (piece && (frame.facts.cut || piece.images.length === options.longest)) {
      yield judge(piece, options);
      piece = undefined;
    }
    const isFirst = piece === undefined;
    piece ??= { start: index, images: [], duplicates: 0 };
    piece.images.push(toPicture(frame, options.size));
    if (frame.facts.duplicate && !isFirst) piece.duplicates++;
    index++;
  }
  if (piece) yield judge(piece, options);
}
