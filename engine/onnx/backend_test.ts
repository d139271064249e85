import { BACKENDS } from "../../api/backends.ts";
import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { PairJob } from "../../core/contracts/engine.ts";
import type { Image } from "../../core/contracts/frame.ts";
import { parseManifest } from "../../core/manifest/parse.ts";
import { resolveManifest } from "../../core/manifest/manifest.ts";
import { createToolkit } from "../../core/manifest/toolkit.ts";
import { UsageError } from "../../core/errors.ts";
import type { GraphRuntime } from "../backend.ts";
import { cpuBackend } from "../backends/mod.ts";
import { openEngine } from "../open_engine.ts";
import { openWeights } from "../../weights/weights_file.ts";
import { chooseBackend } from "../choose.ts";
import { onnxBackend } from "./backend.ts";

const ROOT = new URL("../../", import.meta.url);

async function shipped() {
  const url = new URL("slomo.json", ROOT);
  return {
    toolkit: await createToolkit(resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url)),
    weights: openWeights(await Deno.readFile(new URL("models/slomo-ifnet.safetensors", ROOT))),
  };
}

const odd = await createToolkit({
  plugins: [new URL("fixtures/untraceable_plugin.ts", import.meta.url).href],
  use: { interpolator: { name: "sorted" }, warp: { name: "still" }, media: { name: "nothing" } },
});

function image(shade: number): Image {
  const [width, height] = [40, 30];
  const planes = [0, 1, 2].map((c) => Uint8Array.from({ length: width * height }, (_, i) => shade + 8 * c + i % width));
  return { width, height, format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: false }, color: {}, planes };
}

const job: PairJob = { first: image(10), second: image(14), times: [0.5], details: false };

Deno.test("openEngine() prefers onnx, in one worker, and reports its device", async () => {
  const { engine, passedOver } = await openEngine({ ...await shipped(), backends: BACKENDS, workers: 2 });
  try {
    equal(passedOver, []);
    equal([engine.backend, engine.parallel], ["onnx", 1]);
    ok(/^CPU, onnxruntime \d+\.\d+\.\d+$/.test(engine.device), engine.device);
    const [one, two] = await Promise.all([engine.run(job), engine.run({ ...job, times: [0.25, 0.75] })]);
    equal([one.images.length, two.images.length], [1, 2]);
    ok(one.timing.flow! > 0 && one.timing.interpolation! > 0);
  } finally {
    await engine.close();
  }
});

Deno.test("openEngine() opens a graph runtime in its worker only, and passes over one that does not work there", async () => {
  let opened = 0;
  const runtime: GraphRuntime = {
    ...onnxBackend,
    open(options) {
      opened++;
      return onnxBackend.open(options);
    },
  };
  const networks = await shipped();
  for (const backend of [undefined, "onnx"]) {
    const { engine, passedOver } = await openEngine({ ...networks, backend, backends: [runtime, cpuBackend] });
    await engine.close();
    equal([engine.backend, opened, passedOver], ["onnx", 0, []]);
  }
  const { engine } = await openEngine({ ...networks, backends: [runtime], createWorker: false });
  await engine.close();
  equal(opened, 1);

  const broken = { ...runtime, module: new URL("fixtures/broken_runtime.ts", import.meta.url).href };
  const other = { ...cpuBackend, rank: { interpolate: 1 } };
  const next = await openEngine({ ...networks, backends: [other, broken] });
  await next.engine.close();
  equal([next.engine.backend, next.passedOver], ["cpu", [{ name: "onnx", reason: "there is no library" }]]);
  const fails = { ...other, open: () => Promise.reject(new UsageError("it is too old")) };
  await rejects(
    openEngine({ ...networks, backends: [fails, broken] }),
    new UsageError("no backend works on this machine: onnx: there is no library; cpu: it is too old", {
      code: "no-backend",
      option: "backend",
    }),
  );
  await rejects(openEngine({ ...networks, backend: "onnx", backends: [broken] }), /there is no library/);
  const precision = "bfloat16";
  await rejects(openEngine({ ...networks, backends: [other, runtime], precision }), /onnx: onnx computes in float32/);
  equal(opened, 1);
});

Deno.test("openEngine() passes over onnx for networks that it cannot run, and reports why", async () => {
  for (const inWorkers of [{ createWorker: false as const }, {}]) {
    const { engine, passedOver } = await openEngine({ toolkit: odd, backends: BACKENDS, ...inWorkers });
    const { images } = await engine.run(job);
    await engine.close();
    ok(engine.backend !== "onnx");
    equal(passedOver[0]!.name, "onnx");
    ok(/TopK has no mapping \(called with float32\[1,21,37,3\]\)/.test(passedOver[0]!.reason), passedOver[0]!.reason);
    equal([...images[0]!.planes[0]!.slice(0, 2)], [26, 27]);
  }
});

Deno.test("openEngine() tries no other backend for networks that refuse the flow scale", async () => {
  for (const inWorkers of [{ createWorker: false as const }, {}]) {
    let opened = 0;
    const other = {
      ...cpuBackend,
      rank: { interpolate: 1 },
      open() {
        opened++;
        return cpuBackend.open();
      },
    };
    const setup = { toolkit: odd, flowScale: 0.5, backends: [onnxBackend, other], ...inWorkers };
    await rejects(openEngine(setup), { name: "UsageError", option: "flowScale", message: /it estimates none/ });
    equal(opened, 0);
  }
});

Deno.test("openEngine() refuses networks that onnx cannot run if onnx is chosen by name", async () => {
  const opened = openEngine({ toolkit: odd, backend: "onnx", backends: BACKENDS });
  await rejects(opened, { name: "UsageError", message: /TopK has no mapping/ });
});

Deno.test("openEngine() on onnx rejects a job with the reason of its signal", async () => {
  const { engine } = await openEngine({ ...await shipped(), backend: "onnx", backends: BACKENDS });
  const controller = new AbortController(), reason = new Error("enough");
  const result = engine.run({ ...job, times: Array.from({ length: 50 }, (_, i) => (i + 1) / 51) }, controller.signal);
  controller.abort(reason);
  await rejects(result, reason);
  await engine.close();
});

Deno.test("onnxBackend.open() refuses an unknown device and one that is not available", async () => {
  await rejects(onnxBackend.open({ device: "abacus" }), {
    name: "UsageError",
    message: /there is no device "abacus"; `device` can be cpu, dml, cuda, webgpu, coreml/,
  });
  const absent = Deno.build.os === "windows" ? "coreml" : "dml";
  await rejects(onnxBackend.open({ device: absent }), { name: "UsageError", message: /does not work on this machine/ });
});

Deno.test("onnxBackend.open() refuses float16 on the CPU, and auto names why no backend computes in it", async () => {
  const reason =
    "onnx: cannot compute in float16 on the CPU: only GPUs support it; set `device` to a GPU, or leave out " +
    "`precision`";
  await rejects(onnxBackend.open({ precision: "float16" }), { code: "unsupported-precision", message: reason });
  await rejects(chooseBackend("auto", "interpolate", { precision: "float16" }, BACKENDS), (error: Error) => {
    ok(error.message.includes(reason) && !error.message.includes("\n"), error.message);
    return true;
  });
});

Deno.test("a device that one backend has is never replaced by another backend", async () => {
  const absent = Deno.build.os === "windows" ? "coreml" : "dml";
  await rejects(chooseBackend("auto", "interpolate", { device: absent }, BACKENDS), {
    name: "UsageError",
    message: new RegExp(`^no backend works on this machine on \`device\` ${absent}: onnx: [^;]*; [^;]*$`),
  });
  await rejects(chooseBackend("wasm", "interpolate", { device: "cuda" }, BACKENDS), {
    name: "UsageError",
    message: 'wasm: cannot compute on device "cuda": there is no such device; set `backend` to onnx',
  });
});

Deno.test("chooseBackend() refuses to train on onnx", async () => {
  await rejects(chooseBackend("onnx", "train", {}, BACKENDS), { name: "UsageError", message: /computes no gradients/ });
});
