import { backwardWarp } from "@slomo/ops";
import { chooseBackend } from "@slomo/engine";
import { conformsAs } from "@slomo/testing";
import * as tf from "@tensorflow/tfjs-core";
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import plugin, { createTemplatePart } from "./mod.ts";

conformsAs("interpolator", plugin, { options: { channels: 2 } });

Deno.test("createTemplatePart() blends frames by time before training", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const part = createTemplatePart({ channels: 2 }, { warp: { warp: backwardWarp } });
  const zeros = Object.fromEntries(part.parameters.map(({ name, shape }) => [name, tf.zeros([...shape])]));
  const first = tf.zeros<tf.Rank.R4>([1, 5, 6, 3]), second = tf.ones<tf.Rank.R4>([1, 5, 6, 3]);
  const { frames } = part.interpolate(zeros, { first, second, times: tf.tensor1d([0.25, 0.5]) });
  equal(frames.shape, [2, 5, 6, 3]);
  const values = [...await frames.data()];
  ok(values.every((value, i) => Math.abs(value - (i < 90 ? 0.25 : 0.5)) < 1e-5));
  await backend.close();
});
