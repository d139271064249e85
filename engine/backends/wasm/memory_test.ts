import { equal, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { JobError } from "../../../core/errors.ts";
import type { WasmBackend } from "./backend.ts";
import { wasmBackend } from "./mod.ts";

Deno.test({
  name: "guardMemory() refuses tensors that do not fit into memory, and smaller ones still work",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const opened = await wasmBackend.open(), backend = tf.backend() as unknown as WasmBackend;
    const tensors: object[] = [];
    // Nothing is written, so the system reserves addresses only.
    const allocate = () => {
      for (let i = 0; i < 9; i++) tensors.push(backend.makeOutput([2 ** 27], "float32").dataId);
    };
    throws(allocate, (error) => error instanceof JobError && /more than the 4 GiB/.test(error.message));
    equal(tensors.length, 7);
    for (const dataId of tensors) backend.disposeData(dataId);
    equal(tf.tidy(() => tf.sum(tf.ones([1000])).dataSync()[0]), 1000);
    await opened.close();
  },
});

Deno.test("wasmBackend opens again after it was closed, and computes nothing while closed", async () => {
  const first = await wasmBackend.open();
  await first.close();
  const second = await wasmBackend.open();
  equal(tf.getBackend(), "wasm");
  equal(tf.tidy(() => tf.add(1, 2).dataSync()[0]), 3);
  await second.close();
  // Other tests may have registered another backend.
  equal("wasm" in tf.engine().registry, false);
});
