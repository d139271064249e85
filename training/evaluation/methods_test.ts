import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { PairEngine, PairJob } from "../../core/contracts/engine.ts";
import { flat, sequenceOf, valueOf } from "./_testing.ts";
import { blend, blendImages, type Method, modelMethod } from "./methods.ts";
import { fromRgbImage } from "../metrics/rgb_image.ts";

async function interpolated(method: Method, ...of: Parameters<typeof sequenceOf>): Promise<string[]> {
  const predictions = await Array.fromAsync(method.predict(sequenceOf(...of)));
  return predictions.map(({ name, interpolated, groundTruth, between }) =>
    `${name}: ${valueOf(interpolated)} for ${valueOf(groundTruth)} between ${between!.map(valueOf).join(" and ")}`
  );
}

/** An engine that returns the mean of the pair, and finishes later jobs first. */
function engine(): PairEngine & { most: number } {
  let running = 0;
  return {
    backend: "test",
    device: "test",
    parallel: 2,
    most: 0,
    async run({ first, second, times }: PairJob) {
      this.most = Math.max(this.most, ++running);
      const [a, b] = [first, second].map(({ planes }) => planes[0]![0]!) as [number, number];
      for (let turns = 6 - a / 10; turns > 0; turns--) await new Promise((resolve) => setTimeout(resolve));
      running--;
      return { images: times.map((t) => fromRgbImage(flat(Math.round(a + (b - a) * t)))), timing: {} };
    },
    close: () => Promise.resolve(),
  };
}

Deno.test("blendImages() returns the mean, with halves rounded to even", () => {
  const mean = (a: number, b: number) => valueOf(blendImages(flat(a), flat(b)));
  equal([mean(10, 20), mean(10, 11), mean(11, 12), mean(255, 255), mean(254, 255)], [15, 10, 12, 255, 254]);
});

Deno.test("blend interpolates the measured triplets", async () => {
  equal(await interpolated(blend, [10, 0, 20, 0, 40]), [
    "1: 15 for 0 between 10 and 20",
    "3: 30 for 0 between 20 and 40",
  ]);
  equal((await interpolated(blend, [10, 0, 20, 0, 40], "s", "set", 2)).length, 1);
});

Deno.test("modelMethod() keeps the engine busy and the frames in order", async () => {
  const busy = engine();
  equal(await interpolated(modelMethod(busy, ""), [0, 1, 10, 2, 20, 3, 30, 4, 40]), [
    "1: 5 for 1 between 0 and 10",
    "3: 15 for 2 between 10 and 20",
    "5: 25 for 3 between 20 and 30",
    "7: 35 for 4 between 30 and 40",
  ]);
  equal(busy.most, 3);
});

Deno.test("modelMethod() passes on errors of the engine", async () => {
  const broken = { ...engine(), run: () => Promise.reject(new Error("no memory")) };
  await rejects(interpolated(modelMethod(broken, ""), [1, 2, 3, 4, 5]), /no memory/);
});
