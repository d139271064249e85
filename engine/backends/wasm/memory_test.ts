import { equal, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { JobError } from "../../../core/errors.ts";
import type { WasmBackend } from "./backend.ts";
import { wasmBackend } from "./mod.ts";

Deno.test({
  name: "guardMemory() refuses what WebAssembly has no memory for, and smaller tensors go on",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const opened = await wasmBackend.open(), backend = tf.backend() as unknown as WasmBackend;
    const made: object[] = [];
    // Nothing is written: the system gives addresses only.
    const fill = () => {
      for (let i = 0; i < 9; i++) made.push(backend.makeOutput([2 ** 27], "float32").dataId);
    };
    throws(fill, (error) => error instanceof JobError && /more than the 4 GiB/.test(error.message));
    equal(made.length, 7);
    for (const dataId of made) backend.disposeData(dataId);
    equal(tf.tidy(() => tf.sum(tf.ones([1000])).dataSync()[0]), 1000);
    await opened.close();
  },
});

Deno.test("wasmBackend opens again after it was closed, and closed it computes nothing", async () => {
  const first = await wasmBackend.open();
  await first.close();
  const second = await wasmBackend.open();
  equal(tf.getBackend(), "wasm");
  equal(tf.tidy(() => tf.add(1, 2).dataSync()[0]), 3);
  await second.close();
  throws(() => tf.backend());
});
