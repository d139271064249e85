import { equal } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { eachBackend } from "../../_testing.ts";

await eachBackend("close() destroys the device", async (_, backend) => {
  const { device } = tf.backend() as unknown as { readonly device: GPUDevice };
  await backend.close();
  equal((await device.lost).reason, "destroyed");
}, (name) => name === "webgpu");
