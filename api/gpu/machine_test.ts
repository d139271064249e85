import { deepStrictEqual as equal, notDeepStrictEqual as differs } from "node:assert/strict";
import { withFolder } from "../../tests/_tools.ts";
import { driverIdentity } from "./driver.ts";
import { candidatesFor, findInTime } from "./machine.ts";

Deno.test("candidatesFor() lists onnxruntime's providers for each system, the fastest first", () => {
  const devices = (vendor: string, os: typeof Deno.build.os) =>
    candidatesFor({ vendor }, "float32", os).map(({ backend, device }) => `${backend} ${device}`);
  equal(devices("4318", "windows"), ["onnx dml", "onnx webgpu"]);
  equal(devices("apple", "darwin"), ["onnx coreml", "onnx webgpu"]);
  equal(devices("4318", "linux"), ["onnx cuda", "onnx webgpu"]);
  equal(devices("4098", "linux"), ["onnx webgpu"]);
  equal(devices("4098", "freebsd"), []);
  equal(candidatesFor({ vendor: "4318" }, "bfloat16", "linux"), []);
});

Deno.test("driverIdentity() changes when a driver is installed or updated", async () => {
  await withFolder(async (folder, at) => {
    const identity = () => driverIdentity([`${folder}/`, at("version")]), seen = [await identity()];
    await Deno.writeTextFile(at("driver.json"), "1.0");
    seen.push(await identity());
    await Deno.writeTextFile(at("driver.json"), "1.10");
    seen.push(await identity());
    await Deno.utime(at("driver.json"), 1, 1);
    seen.push(await identity());
    equal(new Set(seen).size, 4);
    equal(await identity(), seen[3]);
    differs(await driverIdentity([at("none/")]), seen[3]);
  });
});

Deno.test("findInTime() finds no adapter if there is none, or its driver hangs", async () => {
  const gpu = { name: "GPU", vendor: "1", software: false };
  equal(await findInTime(() => Promise.resolve(gpu)), gpu);
  equal(await findInTime(() => Promise.reject(new Error("there is none"))), undefined);
  const limit = new AbortController(), { promise: never } = Promise.withResolvers<typeof gpu>();
  const found = findInTime(() => never, limit.signal);
  limit.abort();
  equal(await found, undefined);
});
