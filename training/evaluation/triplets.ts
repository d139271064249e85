import type { RgbImage } from "../metrics/rgb_image.ts";

/** Three frames in a row, of which the middle one is held out. */
export interface Triplet {
  /** Name of the middle frame within its sequence. */
  readonly name: string;
  /** The frame before. */
  readonly first: RgbImage;
  /** The frame after. */
  readonly second: RgbImage;
  /** Ground truth: the held-out frame, halfway between them. */
  readonly groundTruth: RgbImage;
  /** Whether it is measured. Methods that need neighboring frames also use the others. */
  readonly measured: boolean;
}

/** Consecutive triplets: the last frame of one is the first of the next. */
export interface Sequence {
  /** Name for the report. */
  readonly name: string;
  /** The set that it belongs to. */
  readonly set: string;
  /** Returns the triplets from the first one. */
  triplets(signal?: AbortSignal): AsyncIterable<Triplet>;
}

/** A frame with its name. */
export interface NamedFrame {
  /** Name within the sequence. */
  readonly name: string;
  /** The frame. */
  readonly image: RgbImage;
}

/**
 * Holds out every second frame: of frames 0 to 4, the ground truth is 1 and 3. A last frame without a successor is
 * dropped.
 *
 * @param step Every `step`-th triplet is measured, the first one too.
 */
export async function* holdOut(frames: AsyncIterable<NamedFrame>, step = 1): AsyncGenerator<Triplet> {
  let first: RgbImage | undefined, middle: NamedFrame | undefined, index = 0;
  for await (const frame of frames) {
    if (first === undefined) first = frame.image;
    else if (middle === undefined) middle = frame;
    else {
      const measured = index++ % step === 0;
      yield { name: middle.name, first, second: frame.image, groundTruth: middle.image, measured };
      first = frame.image;
      middle = undefined;
    }
  }
}

/** Returns the step with which at most `limit` of the triplets of `frames` frames are measured, evenly spread. */
export function stepFor(frames: number, limit: number | undefined): number {
  const triplets = Math.floor((frames - 1) / 2);
  return limit === undefined ? 1 : Math.max(1, Math.ceil(triplets / limit));
}
