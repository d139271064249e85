import { chooseBackend } from "@slomo/engine";
import { conformsAs } from "@slomo/testing";
import * as tf from "@tensorflow/tfjs-core";
import { deepStrictEqual as equal } from "node:assert/strict";
import plugin, { createTemplatePart } from "./mod.ts";

conformsAs("flowEstimator", plugin, { options: { channels: 2 } });

Deno.test("createTemplatePart() returns zero flow before training", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const { parameters, estimate } = createTemplatePart({ channels: 2 });
  const zeros = Object.fromEntries(parameters.map(({ name, shape }) => [name, tf.zeros([...shape])]));
  const first = tf.randomUniform<tf.Rank.R4>([1, 4, 6, 3], 0, 1, "float32", 1);
  const second = tf.randomUniform<tf.Rank.R4>([1, 4, 6, 3], 0, 1, "float32", 2);
  const { forward, backward } = estimate(zeros, first, second);
  equal([forward.shape, backward?.shape], [[1, 4, 6, 2], [1, 4, 6, 2]]);
  equal([...await forward.data()], Array(48).fill(0));
  await backend.close();
});
