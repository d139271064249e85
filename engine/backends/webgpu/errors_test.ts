import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { JobError } from "../../../core/errors.ts";
import { type WatchedBackend, watchErrors } from "./errors.ts";

/** A GPU whose tensors are all [1], until `fate` says otherwise. */
function watched(fate: { readonly fails?: string; readonly lost?: Promise<GPUDeviceLostInfo> } = {}) {
  const device = new EventTarget() as EventTarget & { lost: Promise<GPUDeviceLostInfo> };
  device.lost = fate.lost ?? new Promise(() => {});
  const backend = {
    device,
    read: () => fate.fails ? Promise.reject(new Error(fate.fails)) : Promise.resolve([1]),
  };
  watchErrors(backend as unknown as WatchedBackend);
  const refuse = (message: string) =>
    device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error: { message } }));
  return { read: () => (backend as unknown as WatchedBackend).read({}), refuse };
}

const refused = (pattern: RegExp) => (error: unknown) => error instanceof JobError && pattern.test(error.message);

Deno.test("watchErrors() gives what is read while the GPU refuses nothing", async () => {
  equal(await watched().read(), [1]);
});

Deno.test("watchErrors() fails a read after the GPU refused something, by its first reason, and the next one works", async () => {
  const { read, refuse } = watched();
  refuse("range 160000000 exceeds limit 134217728\nmore");
  refuse("BindGroup with '' label is invalid");
  await rejects(read(), refused(/cannot do the job \(range 160000000 exceeds limit 134217728\); give --tile/));
  equal(await read(), [1]);
});

Deno.test("watchErrors() fails a read that the GPU refuses", async () => {
  await rejects(watched({ fails: "Buffer is invalid" }).read(), refused(/Buffer is invalid/));
});

Deno.test("watchErrors() fails every read of a GPU that was lost", async () => {
  const lost = Promise.resolve({ reason: "unknown", message: "driver reset" } as unknown as GPUDeviceLostInfo);
  const { read } = watched({ lost });
  for (let i = 0; i < 2; i++) await rejects(read(), refused(/it was lost: driver reset/));
});
