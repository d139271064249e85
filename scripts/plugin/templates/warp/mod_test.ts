import type { Warp } from "@slomo/core";
import { chooseBackend } from "@slomo/engine";
import { conformsAs } from "@slomo/testing";
import * as tf from "@tensorflow/tfjs-core";
import { deepStrictEqual as equal } from "node:assert/strict";
import plugin, { createTemplatePart } from "./mod.ts";

conformsAs("warp", plugin);

Deno.test("createTemplatePart() returns black outside of the image, or its border", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const image = tf.tensor4d([1, 2, 3], [1, 1, 3, 1]), flow = tf.tensor4d([-1, 0, -1, 0, 1, 0], [1, 1, 3, 2]);
  const seen = async ({ warp }: Warp) => [...await warp(image, flow).data()];
  equal(await seen(createTemplatePart({ outside: "black" })), [0, 1, 0]);
  equal(await seen(createTemplatePart({ outside: "border" })), [1, 1, 3]);
  await backend.close();
});
