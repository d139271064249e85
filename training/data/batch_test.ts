import { deepStrictEqual as equal, notDeepStrictEqual as differ, ok } from "node:assert/strict";
import { type BatchPlan, describeBatch, drawBatch, joinSamples, type WeightedSource } from "./batch.ts";
import type { Sample } from "./sample.ts";

const plan: BatchPlan = {
  seed: 1,
  crops: [{ size: 2, batch: 3, weight: 1 }, { size: 4, batch: 1, weight: 3 }],
  targets: 2,
  augment: { flipX: 0.5, flipY: 0, rotate: 0, reverse: 0.5, colors: 0 },
};

function flat(size: number, level: number, targets: number, known: boolean): Sample {
  const image = (value: number) => new Float32Array(size * size * 3).fill(value);
  const flow = () => new Float32Array(size * size * 2).fill(level);
  return {
    size,
    first: image(level),
    second: image(level + 0.5),
    groundTruths: Array.from({ length: targets }, (_, k) => image(level + (k + 1) / 10)),
    times: Array.from({ length: targets }, (_, k) => (k + 1) / 10),
    flow: known ? { forward: flow(), backward: flow() } : undefined,
  };
}

const sources: WeightedSource[] = [
  { name: "known", weight: 1, source: { draw: (random, size, targets) => flat(size, random.next(), targets, true) } },
  { name: "real", weight: 3, source: { draw: (random, size, targets) => flat(size, random.next(), targets, false) } },
];

Deno.test("joinSamples() puts all targets of a pair before those of the next", () => {
  const { groundTruths, times, first, pairs, targets } = joinSamples(
    [flat(1, 0, 2, false), flat(1, 1, 2, false)],
    0,
    "x",
  );
  const rounded = (values: Float32Array) => [...values].map((value) => Math.round(value * 10) / 10);
  equal([pairs, targets], [2, 2]);
  equal(rounded(times), [0.1, 0.2, 0.1, 0.2]);
  equal(rounded(groundTruths), [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 1.1, 1.1, 1.1, 1.2, 1.2, 1.2]);
  equal(rounded(first), [0, 0, 0, 1, 1, 1]);
});

Deno.test("drawBatch() depends only on the seed and the position", () => {
  const forwards = [0, 1, 2, 3].map((index) => drawBatch(plan, sources, index));
  const backwards = [3, 2, 1, 0].map((index) => drawBatch(plan, sources, index)).reverse();
  equal(forwards, backwards);
  differ(forwards[0]!.first, drawBatch({ ...plan, seed: 2 }, sources, 0).first);
});

Deno.test("drawBatch() draws sources and sizes by their weights, with flow from sources that have it", () => {
  const batches = Array.from({ length: 400 }, (_, index) => drawBatch(plan, sources, index));
  const share = (of: (batch: (typeof batches)[number]) => boolean) => batches.filter(of).length / batches.length;
  ok(Math.abs(share(({ source }) => source === "real") - 0.75) < 0.07);
  ok(Math.abs(share(({ size }) => size === 4) - 0.75) < 0.07);
  ok(batches.every(({ source, flow }) => (source === "known") === (flow !== undefined)));
  ok(batches.every(({ size, pairs }) => pairs === (size === 2 ? 3 : 1)));
  equal(describeBatch({ ...batches[0]!, index: 7, size: 4, pairs: 1, source: "real" }), "batch 7 (1 × 4² from real)");
});
