import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { JobError } from "../../../core/errors.ts";
import { type WatchedBackend, watchErrors } from "./errors.ts";

/** A fake GPU whose tensors are all [1], unless it fails. */
function watched(failure: { readonly fails?: string; readonly lost?: Promise<GPUDeviceLostInfo> } = {}) {
  const device = new EventTarget() as EventTarget & { lost: Promise<GPUDeviceLostInfo> };
  device.lost = failure.lost ?? new Promise(() => {});
  const backend = {
    device,
    read: () => failure.fails ? Promise.reject(new Error(failure.fails)) : Promise.resolve([1]),
  };
  watchErrors(backend as unknown as WatchedBackend);
  const refuse = (message: string) =>
    device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error: { message } }));
  return { read: () => (backend as unknown as WatchedBackend).read({}), refuse };
}

const refused = (pattern: RegExp) => (error: unknown) => error instanceof JobError && pattern.test(error.message);

Deno.test("watchErrors() returns values while the GPU reports no error", async () => {
  equal(await watched().read(), [1]);
});

Deno.test("watchErrors() rejects a read after an error with its message, and the next read works", async () => {
  const { read, refuse } = watched();
  refuse("range 160000000 exceeds limit 134217728\nmore");
  refuse("BindGroup with '' label is invalid");
  await rejects(read(), refused(/the GPU failed: range 160000000 exceeds limit 134217728; set `tile`/));
  equal(await read(), [1]);
});

Deno.test("watchErrors() rejects a read that fails", async () => {
  await rejects(watched({ fails: "Buffer is invalid" }).read(), refused(/Buffer is invalid/));
});

Deno.test("watchErrors() rejects every read after the device was lost", async () => {
  const lost = Promise.resolve({ reason: "unknown", message: "driver reset" } as unknown as GPUDeviceLostInfo);
  const { read } = watched({ lost });
  for (let i = 0; i < 2; i++) await rejects(read(), refused(/the device was lost: driver reset/));
});
