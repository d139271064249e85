import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { JobError } from "../../core/errors.ts";
import type { RateDoubler } from "../../core/contracts/codec.ts";
import { imageOfPicture, type Picture, pictureOf } from "../metrics/picture.ts";
import { flat, levelOf, sequenceOf } from "./_testing.ts";
import { blendPictures } from "./methods.ts";
import { filterMethod } from "./filter_method.ts";

/** Puts blends between the frames, `delay` black ones before all, and drops the last `lost`. */
function doubling(delay: number, lost = 0, seen: number[] = []): RateDoubler {
  return {
    name: "double",
    describe: () => Promise.resolve("twice"),
    async *double(frames) {
      const made: Picture[] = Array.from({ length: delay }, () => flat(0));
      let last: Picture | undefined;
      for await (const frame of frames) {
        const picture = pictureOf(frame);
        seen.push(levelOf(picture));
        if (last) made.push(blendPictures(last, picture));
        made.push(last = picture);
      }
      yield* made.slice(0, made.length - lost).map(imageOfPicture);
    },
  };
}

async function made(doubler: RateDoubler, levels: number[], step?: number): Promise<number[]> {
  const sequence = sequenceOf(levels, "walk", "set", step);
  const predictions = await Array.fromAsync((await filterMethod(doubler)).predict(sequence));
  return predictions.map(({ made }) => levelOf(made));
}

const LEVELS = [10, 15, 20, 25, 30, 36, 40, 44, 50];

Deno.test("filterMethod() finds the frames between, whatever the filter holds back", async () => {
  for (const delay of [0, 1]) equal(await made(doubling(delay), LEVELS), [15, 25, 35, 45], `delay ${delay}`);
  equal(await made(doubling(1), [10, 15, 20]), [15]);
  equal(await made(doubling(1), LEVELS, 2), [15, 35]);
  equal(await made(doubling(1), [10, 15]), []);
});

Deno.test("filterMethod() gives the filter the kept frames, the ends repeated", async () => {
  const seen: number[] = [];
  await made(doubling(0, 0, seen), [10, 15, 20, 25, 30]);
  equal(seen, [10, 10, 20, 30, 30, 30]);
});

Deno.test("filterMethod() says that the filter gave too few frames", async () => {
  await rejects(made(doubling(0, 8), LEVELS), (error) => {
    equal(error instanceof JobError && error.message, "double gave too few frames of walk");
    return true;
  });
});
