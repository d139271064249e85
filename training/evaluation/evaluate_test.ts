import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { JobError, UsageError } from "../../core/errors.ts";
import { flat, valueOf } from "./_testing.ts";
import { type Comparison, evaluateSequence, meansOfSets } from "./evaluate.ts";
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
  equal([result.name, result.set, worst], ["walk", "clips", []]);
});

Deno.test("evaluateSequence() keeps the images of the first method's worst pairs, of every method", async () => {
  const { worst } = await evaluateSequence(comparison(off("a", [1, 9, 4, 7]), off("b", [0, 1, 2, 3])), { worst: 2 });
  equal(
    worst.map((
      { name, interpolated, groundTruth },
    ) => [name, valueOf(interpolated["a"]!), valueOf(interpolated["b"]!), valueOf(groundTruth)]),
    [
      ["f1", 109, 101, 100],
      ["f3", 107, 103, 100],
    ],
  );
});

Deno.test("evaluateSequence() reports progress", async () => {
  const reported: string[] = [];
  const onPair = (method: string, done: number) => void reported.push(`${method} ${done}`);
  await evaluateSequence(comparison(off("a", [1, 2]), off("b", [1, 2])), { onPair });
  equal(reported, ["a 1", "a 2", "b 1", "b 2"]);
});

Deno.test("evaluateSequence() rejects frames that it cannot measure", async () => {
  await rejects(evaluateSequence(comparison(off("a", []))), UsageError);
  await rejects(evaluateSequence(comparison(off("a", [1, 2]), off("b", [1]))), JobError);
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

Deno.test("meansOfSets() returns the mean of the sequences' means", async () => {
  const one = await evaluateSequence(comparison(off("a", [2, 2, 2])));
  const two = await evaluateSequence(comparison(off("a", [4])));
  const other = await evaluateSequence({ ...comparison(off("a", [8])), set: "davis" });
  const means = meansOfSets([one, two, other].map(({ result }) => result));
  equal([...means].map(([set, mean]) => [set, mean["a"]!.ie]), [["clips", 3], ["davis", 8]]);
});
