import { backwardWarp } from "@slomo/ops";
import { chooseBackend } from "@slomo/engine";
import { conformsAs } from "@slomo/testing";
import * as tf from "@tensorflow/tfjs-core";
import { deepStrictEqual as equal } from "node:assert/strict";
import plugin, { createTemplatePart } from "./mod.ts";

conformsAs("interpolator", plugin);

Deno.test("createTemplatePart() blends frames without motion by time", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const { interpolate } = createTemplatePart({ lean: 1 }, { warp: { warp: backwardWarp } });
  const first = tf.zeros<tf.Rank.R4>([1, 2, 3, 3]), second = tf.ones<tf.Rank.R4>([1, 2, 3, 3]);
  const flow = { forward: tf.zeros<tf.Rank.R4>([1, 2, 3, 2]) };
  const { frames } = interpolate({}, { first, second, flow, times: tf.tensor1d([0.25, 0.5]) });
  equal(frames.shape, [2, 2, 3, 3]);
  equal([...await frames.data()], [...Array(18).fill(0.25), ...Array(18).fill(0.5)]);
  await backend.close();
});
