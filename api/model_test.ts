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

/** A worker that answers no message, as one that loads for a long time, and counts. */
class SilentWorker extends EventTarget {
  static started = 0;
  static ended = 0;
  static posted = Promise.withResolvers<SilentWorker>();
  onerror: ((event: { preventDefault(): void; message: string }) => void) | null = null;
  constructor() {
    super();
    SilentWorker.started++;
  }
  postMessage(): void {
    SilentWorker.posted.resolve(this);
  }
  terminate(): void {
    SilentWorker.ended++;
  }
}

/** Runs a test in which workers are silent. */
async function withSilentWorkers(run: () => Promise<void>): Promise<void> {
  const { Worker } = globalThis;
  globalThis.Worker = SilentWorker as unknown as typeof Worker;
  Object.assign(SilentWorker, { started: 0, ended: 0, posted: Promise.withResolvers() });
  try {
    await run();
  } finally {
    globalThis.Worker = Worker;
  }
}

const counts = () => [SilentWorker.started, SilentWorker.ended];
const FRAME = { width: 64, height: 32 };
const closed = new JobError("the model was closed while it was opened", { code: "engine-closed" });

Deno.test("a model that is closed while its worker starts is not waited for", () =>
  withSilentWorkers(async () => {
    const toolkit = await createToolkit(await openManifest({})), notes: string[] = [];
    const model = holdModel(toolkit, { backend: "onnx" });
    const fails = rejects(model.open(FRAME, (note) => notes.push(note)), closed);
    await SilentWorker.posted.promise;
    await model.close();
    await fails;
    deepStrictEqual([counts(), notes], [[1, 1], []]);
  }));

Deno.test("a prepared model has started its worker, also one that has failed, and ends an unused one", () =>
  withSilentWorkers(async () => {
    const toolkit = await createToolkit(await openManifest({}));
    const prepared = (options: Parameters<typeof holdModel>[1]) => {
      const model = holdModel(toolkit, options);
      model.prepare();
      return model;
    };
    for (const hasFailed of [false, true]) {
      Object.assign(SilentWorker, { started: 0, ended: 0, posted: Promise.withResolvers() });
      let first: SilentWorker | undefined;
      globalThis.Worker = class extends SilentWorker {
        constructor() {
          super();
          first ??= this;
        }
      } as unknown as typeof Worker;
      const model = prepared({ backend: "onnx" });
      deepStrictEqual(counts(), [1, 0]);
      if (hasFailed) first!.onerror!({ preventDefault() {}, message: "no such module" });
      const fails = rejects(model.open(FRAME, () => {}), closed);
      equal(await SilentWorker.posted.promise === first, !hasFailed);
      await model.close();
      await fails;
      deepStrictEqual(counts(), hasFailed ? [2, 1] : [1, 1]);
    }
    Object.assign(SilentWorker, { started: 0, ended: 0 });
    await prepared({}).close();
    deepStrictEqual(counts(), [1, 1]);
    await prepared({ backend: "webgpu" }).close();
    await prepared({ workers: 0 }).close();
    deepStrictEqual(counts(), [1, 1]);
  }));
