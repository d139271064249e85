import { UsageError } from "@slomo/core";
import type { Random } from "../random.ts";
import { type Raster, resample } from "../resample.ts";
import type { Sample, SampleSource } from "../sample.ts";
import type { DrawTexture } from "../synthetic/texture.ts";
import type { Clip } from "./clip_index.ts";
import { drawSquare, type ReadClip, readRegion } from "./clip_reader.ts";

/** Options of {@linkcode clipSource}. */
export interface ClipSourceOptions {
  /**
   * Distances between the outer frames of a sample, drawn uniformly from those that fit into the clip; all larger than the
   * number of targets.
   */
  readonly gaps: readonly number[];
  /** Sizes of the region relative to the sample, drawn uniformly: above 1 is scaled down, below 1 scaled up. */
  readonly scales: readonly number[];
}

type Square = Raster<Uint8Array<ArrayBuffer>>;

/** Bounds of a clip's weight by motion, in intensity levels: still clips contribute little, and very large motion is often a cut. */
const WEIGHT = [0.5, 12] as const;
/** Bounds of the mean difference between the outer frames of a sample, in intensity levels. */
const MOTION = { least: 3, most: 60, mostAcross: 25 };
/** Share of samples with little motion that are kept. */
const STILL_SHARE = 0.1;
/** A frame that differs from an outer frame by less than this share of the expected difference is a duplicate. */
const DUPLICATE = 0.3;
const ATTEMPTS = 30;

function difference(a: Square, b: Square): number {
  let sum = 0;
  for (let i = 0; i < a.values.length; i++) sum += Math.abs(a.values[i]! - b.values[i]!);
  return sum / a.values.length;
}

/** Returns whether the motion is large enough, not too large, and even. */
function isUseful(random: Random, frames: readonly Square[], steps: readonly number[], gap: number): boolean {
  const first = frames[0]!, second = frames.at(-1)!, motion = difference(first, second);
  if (motion > (gap > 2 ? MOTION.mostAcross : MOTION.most)) return false;
  if (motion < MOTION.least) return random.chance(STILL_SHARE);
  return frames.slice(1, -1).every((frame, i) => {
    const share = Math.min(steps[i]!, gap - steps[i]!) / gap;
    return Math.min(difference(first, frame), difference(frame, second)) >= DUPLICATE * share * motion;
  });
}

const toUnit = ({ values }: Raster) => Float32Array.from(values, (level) => level / 255);

/**
 * Describes the clips that are too short for some gaps; `undefined` if all gaps fit into all clips.
 *
 * @param gaps Distances between the outer frames of a sample.
 */
export function describeShortClips(clips: readonly Clip[], gaps: readonly number[]): string | undefined {
  const unfit = [...new Set(gaps)].sort((a, b) => a - b).filter((gap) => clips.some(({ frames }) => frames <= gap));
  if (unfit.length === 0) return undefined;
  const short = clips.filter(({ frames }) => frames <= unfit.at(-1)!), least = Math.min(...gaps);
  const unused = clips.filter(({ frames }) => frames <= least).length;
  const more = unused > 0 ? `, and ${unused} clips are not used` : "", list = unfit.join(", ");
  return `${short.length} of ${clips.length} clips are too short for gaps of ${list} frames; only shorter gaps are drawn ` +
    `from them${more}`;
}

/**
 * Creates a source of samples from clips: outer frames some frames apart, and ground-truth frames between them. Clips are
 * drawn in proportion to length and motion, and gaps from those that fit into the clip. Samples with duplicate frames,
 * without motion or with a scene cut are drawn again, a few times.
 *
 * @param read Reads the files of the clips.
 * @throws {UsageError} If no clip is long enough for any of the gaps.
 */
export function clipSource(clips: readonly Clip[], read: ReadClip, options: ClipSourceOptions): SampleSource {
  const { gaps, scales } = options, least = Math.min(...gaps);
  const usable = clips.filter((clip) => clip.frames > least);
  if (usable.length === 0) {
    const needed = `the ${least + 1} frames that the smallest gap, ${least}, needs`;
    throw new UsageError(`no clip has ${needed}; give a smaller one, or create longer clips`, {
      code: "invalid-dataset",
    });
  }
  const weights = usable.map(({ frames, motion }) => frames * Math.min(WEIGHT[1], Math.max(WEIGHT[0], motion)));

  function attempt(random: Random, size: number, targets: number) {
    const clip = usable[random.weighted(weights)]!;
    const gap = random.pick(gaps.filter((gap) => gap < clip.frames)), start = random.integer(clip.frames - gap);
    const steps = random.permutation(gap - 1).slice(0, targets).map((step) => step + 1).sort((a, b) => a - b);
    const region = drawSquare(random, clip, Math.round(size * random.pick(scales)));
    const frames = [0, ...steps, gap].map((step) => readRegion(read, clip, start + step, region));
    return { frames, steps, gap };
  }

  return {
    draw(random, size, targets): Sample {
      let drawn = attempt(random, size, targets);
      for (let i = 1; i < ATTEMPTS && !isUseful(random, drawn.frames, drawn.steps, drawn.gap); i++) {
        drawn = attempt(random, size, targets);
      }
      const { frames, steps, gap } = drawn;
      const [first, ...rest] = frames.map((frame) =>
        toUnit(frame.width === size ? frame : resample(frame, size, size))
      );
      const second = rest.pop()!;
      return { size, first: first!, second, groundTruths: rest, times: steps.map((step) => step / gap) };
    },
  };
}

/** Sizes of the region relative to the texture, drawn uniformly. */
const TEXTURE_SCALES = [1, 1, 1.5, 2];

/** Creates a source of textures for synthetic motion, cut from random frames of clips. */
export function clipTextures(clips: readonly Clip[], read: ReadClip): DrawTexture {
  return (random, size) => {
    const clip = random.pick(clips);
    const region = drawSquare(random, clip, Math.round(size * random.pick(TEXTURE_SCALES)));
    const square = readRegion(read, clip, random.integer(clip.frames), region);
    const { values } = resample(square, size, size);
    for (let i = 0; i < values.length; i++) values[i]! /= 255;
    return values;
  };
}
