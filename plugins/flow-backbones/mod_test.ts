import { deepStrictEqual as equal } from "node:assert/strict";
import { API_VERSION } from "@slomo/core";
import { chooseBackend } from "@slomo/engine";
import { backwardWarp } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import plugin, { backward } from "./mod.ts";

Deno.test("the plugin provides the paper's two networks, RIFE and the warp, for the current API version", () => {
  equal(plugin.apiVersion, API_VERSION);
  equal(plugin.provides.map(({ slot, name }) => `${slot} ${name}`), [
    "flowEstimator super-slomo",
    "interpolator super-slomo",
    "interpolator rife",
    "warp backward",
  ]);
});

Deno.test("backward() is the op of @slomo/ops, without options", async () => {
  const { backend } = await chooseBackend("cpu", "interpolate");
  const image = tf.randomUniform<tf.Rank.R4>([1, 4, 5, 3], 0, 1, "float32", 1);
  const flow = tf.randomUniform<tf.Rank.R4>([2, 4, 5, 2], -2, 2, "float32", 2);
  equal(await backward().warp(image, flow).data(), await backwardWarp(image, flow).data());
  await backend.close();
  const warp = plugin.provides[3]!;
  equal(await warp.options["~standard"].validate({}), { value: {} });
  equal((await warp.options["~standard"].validate({ border: "zeros" })).issues?.length, 1);
});
