import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { JobError } from "../../core/errors.ts";
import type { RateDoubler } from "../../core/contracts/media.ts";
import { fromRgbImage, type RgbImage, toRgbImage } from "../metrics/rgb_image.ts";
import { flat, sequenceOf, valueOf } from "./_testing.ts";
import { blendImages } from "./methods.ts";
import { filterMethod } from "./filter_method.ts";

/** Inserts blends between the frames and `delay` black frames at the start, and drops the last `lost` frames. */
function doubling(delay: number, lost = 0, seen: number[] = []): RateDoubler {
  return {
    describe: () => Promise.resolve("twice"),
    async *double(frames) {
      const interpolated: RgbImage[] = Array.from({ length: delay }, () => flat(0));
      let last: RgbImage | undefined;
      for await (const frame of frames) {
        const image = toRgbImage(frame);
        seen.push(valueOf(image));
        if (last) interpolated.push(blendImages(last, image));
        interpolated.push(last = image);
      }
      yield* interpolated.slice(0, interpolated.length - lost).map(fromRgbImage);
    },
  };
}

async function interpolated(doubler: RateDoubler, pixels: number[], step?: number): Promise<number[]> {
  const sequence = sequenceOf(pixels, "walk", "set", step);
  const predictions = await Array.fromAsync((await filterMethod("double", doubler)).predict(sequence));
  return predictions.map(({ interpolated }) => valueOf(interpolated));
}

const LEVELS = [10, 15, 20, 25, 30, 36, 40, 44, 50];

Deno.test("filterMethod() finds the interpolated frames for any delay of the filter", async () => {
  for (const delay of [0, 1]) equal(await interpolated(doubling(delay), LEVELS), [15, 25, 35, 45], `delay ${delay}`);
  equal(await interpolated(doubling(1), [10, 15, 20]), [15]);
  equal(await interpolated(doubling(1), LEVELS, 2), [15, 35]);
  equal(await interpolated(doubling(1), [10, 15]), []);
});

Deno.test("filterMethod() passes the source frames to the filter, with the first and last repeated", async () => {
  const seen: number[] = [];
  await interpolated(doubling(0, 0, seen), [10, 15, 20, 25, 30]);
  equal(seen, [10, 10, 20, 30, 30, 30]);
});

Deno.test("filterMethod() reports that the filter returned too few frames", async () => {
  await rejects(interpolated(doubling(0, 8), LEVELS), (error) => {
    equal(error instanceof JobError && error.message, "double returned too few frames of walk");
    return true;
  });
});
