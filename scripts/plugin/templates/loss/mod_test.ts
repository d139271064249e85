import { chooseBackend } from "@slomo/engine";
import { conformsAs } from "@slomo/testing";
import * as tf from "@tensorflow/tfjs-core";
import { ok } from "node:assert/strict";
import plugin, { createTemplatePart } from "./mod.ts";

conformsAs("loss", plugin);

Deno.test("createTemplatePart() returns the mean absolute difference for a small epsilon", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const frames = (value: number) => tf.fill<tf.Rank.R4>([1, 2, 3, 3], value);
  const first = frames(0), times = tf.tensor1d([0.5]);
  const input = { first, second: first, times, groundTruth: frames(0.75), output: { frames: frames(0.5) } };
  const [value] = await createTemplatePart({ epsilon: 1e-4 }).compute({}, input).data();
  ok(Math.abs(value! - 0.25) < 1e-3, `${value}`);
  await backend.close();
});
