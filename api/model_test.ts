import { deepStrictEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { JobError } from "@slomo/core";
import { createToolkit } from "@slomo/core/manifest";
import { openManifest } from "./manifest.ts";
import { freeMemory, holdModel } from "./model.ts";

Deno.test("freeMemory() returns the free memory, or the limit if it is lower", () => {
  ok(freeMemory()! > 2 ** 20);
  equal(freeMemory(2 ** 20), 2 ** 20);
  ok(freeMemory(2 ** 60)! < 2 ** 60);
});

Deno.test("a model that is closed while its worker starts is not waited for", async () => {
  const { Worker } = globalThis, started = Promise.withResolvers<void>(), ended: string[] = [];
  // It answers no message, as a worker that loads for a long time.
  globalThis.Worker = class extends EventTarget {
    postMessage(): void {
      started.resolve();
    }
    terminate(): void {
      ended.push("ended");
    }
  } as unknown as typeof Worker;
  try {
    const toolkit = await createToolkit(await openManifest({})), notes: string[] = [];
    const model = holdModel(toolkit, { backend: "onnx" });
    const opening = model.open({ width: 64, height: 32 }, (note) => notes.push(note));
    const message = "the model was closed while it was opened";
    const fails = rejects(opening, new JobError(message, { code: "engine-closed" }));
    await started.promise;
    await model.close();
    await fails;
    deepStrictEqual([ended, notes], [["ended"], []]);
  } finally {
    globalThis.Worker = Worker;
  }
});
