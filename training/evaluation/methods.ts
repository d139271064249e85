import type { PairEngine } from "@slomo/core";
import { imageOfPicture, type Picture, pictureOf } from "../metrics/picture.ts";
import type { Sequence, Triplet } from "./triplets.ts";

/** A frame that was made, beside the true one. */
export interface Prediction {
  /** Name of the true frame within its sequence. */
  readonly name: string;
  /** What was made. */
  readonly made: Picture;
  /** What is right. */
  readonly truth: Picture;
  /** The frames that it was made of, where they are known. */
  readonly between?: readonly [Picture, Picture] | undefined;
}

/** A way to make the frames that are held out. */
export interface Method {
  /** Name in the report. */
  readonly name: string;
  /** What it is, for the reader of the report. */
  readonly description: string;
  /** What it makes of the measured triplets, in order. */
  predict(sequence: Sequence, signal?: AbortSignal): AsyncIterable<Prediction>;
}

/** A frame that was made of a triplet's outer two. */
export function prediction({ name, first, second, truth }: Triplet, made: Picture): Prediction {
  return { name, made, truth, between: [first, second] };
}

/** The mean of two pictures; halves are rounded to even, as NumPy does it. */
export function blendPictures({ width, height, levels }: Picture, other: Picture): Picture {
  const mixed = levels.map((level, i) => {
    const sum = level + other.levels[i]!;
    return (sum >> 1) + (sum & 1 & (sum >> 1));
  });
  return { width, height, levels: mixed };
}

/** Plain blending: the floor that any method must pass. */
export const blend: Method = {
  name: "blend",
  description: "mean of the two neighbors",
  async *predict(sequence, signal) {
    for await (const triplet of sequence.triplets(signal)) {
      if (triplet.measured) yield prediction(triplet, blendPictures(triplet.first, triplet.second));
    }
  },
};

/** The model on an engine, fed with 8-bit RGB; as many pairs are under way as the engine works on at once, and one more. */
export function modelMethod(engine: PairEngine, description: string): Method {
  return {
    name: "model",
    description,
    async *predict(sequence, signal) {
      const waiting: Promise<Prediction>[] = [];
      try {
        for await (const triplet of sequence.triplets(signal)) {
          if (!triplet.measured) continue;
          const job = {
            first: imageOfPicture(triplet.first),
            second: imageOfPicture(triplet.second),
            times: [0.5],
            details: false,
          };
          const made = engine.run(job, signal).then(({ images }) => prediction(triplet, pictureOf(images[0]!)));
          made.catch(() => {});
          waiting.push(made);
          if (waiting.length > engine.parallel) yield await waiting.shift()!;
        }
        while (waiting.length > 0) yield await waiting.shift()!;
      } finally {
        await Promise.allSettled(waiting);
      }
    },
  };
}
