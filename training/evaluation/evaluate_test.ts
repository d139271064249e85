import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { JobError, UsageError } from "../../core/errors.ts";
import { flat, valueOf } from "./_testing.ts";
import type { VideoMetric } from "../../core/contracts/media.ts";
import { type Comparison, evaluateSequence, meansOfMotion, meansOfSets, videoMeansOfSets } from "./evaluate.ts";
import type { Prediction } from "./methods.ts";

/** A method whose frames have the given errors in intensity levels. */
function off(
  name: string,
  errors: readonly number[],
  names = errors.map((_, i) => `f${i}`),
): Comparison["methods"][0] {
  return {
    name,
    async *predictions(): AsyncGenerator<Prediction> {
      for (const [i, error] of errors.entries()) {
        yield await Promise.resolve({ name: names[i]!, interpolated: flat(100 + error), groundTruth: flat(100) });
      }
    },
  };
}

const comparison = (...methods: Comparison["methods"]): Comparison => ({ name: "walk", set: "clips", methods });

Deno.test("evaluateSequence() returns the scores of each frame and their means, for each method", async () => {
  const { result, worst } = await evaluateSequence(comparison(off("a", [1, 2, 4]), off("b", [4, 4, 4])));
  equal(result.pairs.map(({ name, scores }) => [name, scores["a"]!.psnr.toFixed(2), scores["b"]!.ie]), [
    ["f0", "48.13", 4],
    ["f1", "42.11", 4],
    ["f2", "36.09", 4],
  ]);
  equal([result.mean["a"]!.psnr.toFixed(2), result.mean["b"]!.psnr.toFixed(2)], ["42.11", "36.09"]);
  equal([result.name, result.set, worst.get("a"), result.video], ["walk", "clips", [], undefined]);
});

Deno.test("evaluateSequence() keeps the images of the first method's worst pairs, of every method", async () => {
  const { worst } = await evaluateSequence(comparison(off("a", [1, 9, 4, 7]), off("b", [0, 1, 2, 3])), { worst: 2 });
  equal(
    worst.get("a")!.map((
      { name, interpolated, groundTruth },
    ) => [name, valueOf(interpolated["a"]!), valueOf(interpolated["b"]!), valueOf(groundTruth)]),
    [
      ["f1", 109, 101, 100],
      ["f3", 107, 103, 100],
    ],
  );
});

Deno.test("evaluateSequence() keeps the worst frames of several methods, with the images of all", async () => {
  const methods = comparison(off("a", [1, 9, 4]), off("b", [8, 1, 2]), off("c", [0, 0, 5]));
  const { worst } = await evaluateSequence(methods, { worst: 1, worstOf: ["a", "b"] });
  const shown = [...worst].map(([method, [frame]]) => {
    return [method, frame!.name, Object.values(frame!.interpolated).map(valueOf)];
  });
  equal(shown, [["a", "f1", [109, 101, 100]], ["b", "f0", [101, 108, 100]]]);
});

/** Counts frames, and adds up their errors. */
const counting: VideoMetric = {
  title: "Sum",
  describe: () => Promise.resolve("sum of errors"),
  async measure(frames) {
    let sum = 0;
    for await (const [interpolated, groundTruth] of frames) {
      sum += interpolated.planes[0]![0]! - groundTruth.planes[0]![0]!;
    }
    return sum;
  },
};

Deno.test("evaluateSequence() lets a metric score the frames of each method as one video", async () => {
  const both = comparison(off("a", [1, 2, 4]), off("b", [4, 4, 4]));
  const first = await evaluateSequence(both, { metric: counting });
  equal(first.result.video, { a: 7, b: 12 });
  const second = await evaluateSequence(comparison(off("a", [1]), off("b", [2])), { metric: counting });
  const means = videoMeansOfSets([first.result, second.result, { ...second.result, video: undefined }]);
  equal([...means], [["clips", { a: 4, b: 7 }]]);
});

Deno.test("evaluateSequence() measures the rest if a metric fails, at its start or later", async () => {
  const both = comparison(off("a", [1, 2, 4]), off("b", [4, 4, 4])),
    fails = () => Promise.reject(new JobError("broken"));
  const late: VideoMetric["measure"] = async (frames) => {
    for await (const _ of frames) throw new JobError("broken");
    return 0;
  };
  for (const measure of [fails, late]) {
    const errors: unknown[] = [];
    const { result } = await evaluateSequence(both, {
      metric: { ...counting, measure },
      onMetricError: (error) => errors.push((error as Error).message),
    });
    equal([result.pairs.length, result.video, errors], [3, undefined, ["broken"]]);
  }
});

Deno.test("evaluateSequence() reports progress", async () => {
  const reported: string[] = [];
  const onPair = (method: string, done: number) => void reported.push(`${method} ${done}`);
  await evaluateSequence(comparison(off("a", [1, 2]), off("b", [1, 2])), { onPair });
  equal(reported, ["a 1", "b 1", "a 2", "b 2"]);
});

Deno.test("evaluateSequence() rejects frames that it cannot measure", async () => {
  await rejects(evaluateSequence(comparison(off("a", []))), UsageError);
  await rejects(evaluateSequence(comparison(off("a", [1, 2]), off("b", [1]))), JobError);
  await rejects(evaluateSequence(comparison(off("a", [1]), off("b", [1, 2]))), JobError);
  await rejects(
    evaluateSequence(comparison(off("a", [1, 2]), off("b", [1, 2], ["f0", "f7"]))),
    /returned frame f7 out of order/,
  );
  const small: Comparison["methods"][0] = {
    name: "a",
    async *predictions() {
      yield await Promise.resolve({ name: "f0", interpolated: flat(0, 8), groundTruth: flat(0, 8) });
    },
  };
  await rejects(evaluateSequence(comparison(small)), (error) => {
    equal(
      error instanceof UsageError && error.message,
      "walk, frame f0: ssim: images must be 11×11 at least, got 8×8",
    );
    return true;
  });
});

Deno.test("meansOfMotion() returns the means over the frames of each class", () => {
  const frame = (ie: number, motion?: number) => ({
    name: "f",
    motion,
    scores: { a: { psnr: 1, ssim: 1, ssimLuma: 1, ie } },
  });
  const result = { name: "s", set: "s", mean: {}, pairs: [frame(1, 0), frame(3, 7.9), frame(5, 24), frame(9)] };
  const means = meansOfMotion([result, { ...result, pairs: [frame(7, 100)] }]);
  equal(means.map(({ name, frames, mean }) => [name, frames, mean["a"]!.ie]), [["small", 2, 2], ["large", 2, 6]]);
});

Deno.test("meansOfSets() returns the mean of the sequences' means", async () => {
  const one = await evaluateSequence(comparison(off("a", [2, 2, 2])));
  const two = await evaluateSequence(comparison(off("a", [4])));
  const other = await evaluateSequence({ ...comparison(off("a", [8])), set: "davis" });
  const means = meansOfSets([one, two, other].map(({ result }) => result));
  equal([...means].map(([set, mean]) => [set, mean["a"]!.ie]), [["clips", 3], ["davis", 8]]);
});
