import type { PairEngine } from "@slomo/core";
import { fromRgbImage, type RgbImage, toRgbImage } from "../metrics/rgb_image.ts";
import type { Sequence, Triplet } from "./triplets.ts";

/** An interpolated frame and its ground truth. */
export interface Prediction {
  /** Name of the ground-truth frame within its sequence. */
  readonly name: string;
  /** Interpolated frame. */
  readonly interpolated: RgbImage;
  /** Ground truth. */
  readonly groundTruth: RgbImage;
  /** Source frames before and after, if known. */
  readonly between?: readonly [RgbImage, RgbImage] | undefined;
}

/** A method that interpolates held-out frames. */
export interface Method {
  /** Name in the report. */
  readonly name: string;
  /** Description for the report. */
  readonly description: string;
  /** Interpolates the measured triplets, in order. */
  predict(sequence: Sequence, signal?: AbortSignal): AsyncIterable<Prediction>;
}

/** A frame that was interpolated from the outer two of a triplet. */
export function prediction({ name, first, second, groundTruth }: Triplet, interpolated: RgbImage): Prediction {
  return { name, interpolated, groundTruth, between: [first, second] };
}

/** Returns the mean of two images; halves are rounded to even, as in NumPy. */
export function blendImages({ width, height, pixels }: RgbImage, other: RgbImage): RgbImage {
  const mixed = pixels.map((value, i) => {
    const sum = value + other.pixels[i]!;
    return (sum >> 1) + (sum & 1 & (sum >> 1));
  });
  return { width, height, pixels: mixed };
}

/** The baseline: blending. */
export const blend: Method = {
  name: "blend",
  description: "mean of the two neighbors",
  async *predict(sequence, signal) {
    for await (const triplet of sequence.triplets(signal)) {
      if (triplet.measured) yield prediction(triplet, blendImages(triplet.first, triplet.second));
    }
  },
};

/**
 * Creates the method of a model on an engine, with 8-bit RGB input. It keeps one pair more in progress than the engine runs in
 * parallel.
 *
 * @param description Description for the report.
 * @param name Name in the report.
 */
export function modelMethod(engine: PairEngine, description: string, name: string = "model"): Method {
  return {
    name,
    description,
    async *predict(sequence, signal) {
      const waiting: Promise<Prediction>[] = [];
      try {
        for await (const triplet of sequence.triplets(signal)) {
          if (!triplet.measured) continue;
          const job = {
            first: fromRgbImage(triplet.first),
            second: fromRgbImage(triplet.second),
            times: [0.5],
            details: false,
          };
          const interpolated = engine.run(job, signal).then(({ images }) =>
            prediction(triplet, toRgbImage(images[0]!))
          );
          interpolated.catch(() => {});
          waiting.push(interpolated);
          if (waiting.length > engine.parallel) yield await waiting.shift()!;
        }
        while (waiting.length > 0) yield await waiting.shift()!;
      } finally {
        await Promise.allSettled(waiting);
      }
    },
  };
}
