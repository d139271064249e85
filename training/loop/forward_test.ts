import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossInput } from "../../core/contracts/parts.ts";
import { chooseBackend } from "../../engine/choose.ts";
import { weighLosses } from "./forward.ts";
import { tinyBatch, tinyConfig } from "./_testing.ts";
import { countMicroBatches, createMicroBatch, disposeMicroBatch } from "./micro_batch.ts";

Deno.test("weighLosses() computes losses on flow at each pyramid level, and losses on frames at the finest only", async () => {
  await chooseBackend("cpu", "train");
  const seen: LossInput[] = [];
  const loss = (everyPyramidLevel: boolean): Loss => ({
    everyPyramidLevel,
    parameters: [],
    compute(_, input) {
      if (everyPyramidLevel) seen.push(input);
      return tf.scalar(input.scale ?? 1);
    },
  });
  const microBatch = createMicroBatch(tinyBatch(tinyConfig(), 0), 0);
  tf.tidy(() => {
    const flow = (size: number) => tf.zeros([2, size, size, 2]) as tf.Tensor4D;
    const coarser = [8, 16].map((size) => ({ forward: flow(size), backward: flow(size) }));
    const forward = {
      flow: { forward: flow(32), backward: flow(32), coarser },
      output: { frames: microBatch.groundTruth },
    };
    const losses = [loss(false), loss(true)].map((loss, i) => ({ name: `${i}`, weight: 10, loss, parameters: {} }));
    const [frames, flows] = weighLosses(losses, microBatch, forward, 0.5).map((value) => value.dataSync()[0]!);
    equal(frames, 10);
    equal(flows, 10 * (1 + 0.5 * 0.25 + 0.5 * 0.5));
    equal(seen.map(({ first, scale }) => [first.shape[1], scale]), [[32, undefined], [8, 0.25], [16, 0.5]]);
    const [whole, quarter] = [seen[0]!, seen[1]!].map(({ knownFlow }) => knownFlow!.forward) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const mean = tf.mean(whole).dataSync()[0]!, reduced = tf.mean(quarter).dataSync()[0]!;
    ok(Math.abs(reduced - mean / 4) < 1e-5, "known flow is in pixels of that scale");
    ok(seen[1]!.output.frames === seen[1]!.groundTruth);
  });
  disposeMicroBatch(microBatch);
});

Deno.test("createMicroBatch() returns the whole batch, or one pair if each pair has several times", async () => {
  await chooseBackend("cpu", "train");
  const single = tinyBatch(tinyConfig(), 0), several = tinyBatch(tinyConfig({ targets: 3, gaps: [4] }), 0);
  equal([countMicroBatches(single), countMicroBatches(several)], [1, 2]);
  const microBatch = createMicroBatch(several, 1), length = 3 * 32 * 32;
  equal([microBatch.first.shape[0], microBatch.groundTruth.shape[0], microBatch.times.shape[0]], [1, 3, 3]);
  equal(microBatch.groundTruth.dataSync().subarray(0, 9), several.groundTruths.subarray(3 * length, 3 * length + 9));
  equal(microBatch.first.dataSync().subarray(0, 9), several.first.subarray(length, length + 9));
  const before = tf.memory().numTensors;
  disposeMicroBatch(microBatch);
  equal(tf.memory().numTensors, before - 6);
});
