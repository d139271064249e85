import { JobError } from "@slomo/core";
import type { RateDoubler } from "@slomo/core";
import type { Image } from "@slomo/core";
import { psnr } from "../metrics/distance.ts";
import { fromRgbImage, type RgbImage, toRgbImage } from "../metrics/rgb_image.ts";
import { type Method, prediction } from "./methods.ts";
import type { Sequence, Triplet } from "./triplets.ts";

/** Maximum delay of the first interpolated frame, in frames. */
const MOST_DELAY = 4;

/** Number of triplets from which the delay is determined. */
const LOOKED_AT = 3;

/** Yields the source frames; the first and last are repeated, because filters use neighbors. */
async function* keptFrames(sequence: Sequence, signal?: AbortSignal): AsyncGenerator<Image> {
  let last: Image | undefined;
  for await (const { first, second } of sequence.triplets(signal)) {
    if (last === undefined) yield* [fromRgbImage(first), fromRgbImage(first)];
    yield last = fromRgbImage(second);
  }
  if (last !== undefined) yield* [last, last];
}

/** Returns the index in `interpolated` of the first triplet's frame: the one with the smallest error over the first triplets. */
function findDelay(interpolated: readonly RgbImage[], triplets: readonly Triplet[]): number | undefined {
  let best: { readonly delay: number; readonly score: number } | undefined;
  for (let delay = 0; delay <= MOST_DELAY && delay + 2 * (triplets.length - 1) < interpolated.length; delay++) {
    const scores = triplets.map(({ groundTruth }, k) => psnr(interpolated[delay + 2 * k]!.pixels, groundTruth.pixels));
    const score = scores.reduce((sum, value) => sum + value, 0);
    if (best === undefined || score > best.score) best = { delay, score };
  }
  return best?.delay;
}

/** Returns the first triplets of a sequence. */
async function beginning(sequence: Sequence, signal?: AbortSignal): Promise<Triplet[]> {
  const triplets: Triplet[] = [];
  for await (const triplet of sequence.triplets(signal)) {
    if (triplets.push(triplet) === LOOKED_AT) break;
  }
  return triplets;
}

/**
 * Creates the method of a rate doubler, which receives the source frames of a sequence as one video. Its delay is
 * determined with the ground-truth frames of the first three triplets, in its favor.
 *
 * @throws {UsageError} If a program that it needs is missing on this machine.
 */
export async function filterMethod(name: string, doubler: RateDoubler): Promise<Method> {
  return {
    name,
    description: `${await doubler
      .describe()}; all source frames of a sequence as one video, with the first and last repeated; its delay is determined ` +
      "with the ground truth of the first three",
    async *predict(sequence, signal) {
      const early = await beginning(sequence, signal);
      if (early.length === 0) return;
      const interpolated = doubler.double(keptFrames(sequence, signal), signal)[Symbol.asyncIterator](),
        buffer: RgbImage[] = [];
      const fill = async (count: number) => {
        for (let next; buffer.length < count && !(next = await interpolated.next()).done;) {
          buffer.push(toRgbImage(next.value));
        }
      };
      try {
        await fill(MOST_DELAY + 2 * early.length - 1);
        const delay = findDelay(buffer, early) ?? 0;
        for await (const triplet of sequence.triplets(signal)) {
          await fill(delay + 1);
          const image = buffer[delay];
          if (image === undefined) {
            throw new JobError(`${name} returned too few frames of ${sequence.name}`, { code: "part-failed" });
          }
          buffer.splice(0, 2);
          if (triplet.measured) yield prediction(triplet, image);
        }
      } finally {
        await interpolated.return?.();
      }
    },
  };
}
