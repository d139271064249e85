import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { PairJob } from "../core/contracts/engine.ts";
import type { Image } from "../core/contracts/frame.ts";
import { JobError, UsageError } from "../core/errors.ts";
import type { ResolvedManifest } from "../core/manifest/manifest.ts";
import { createToolkit } from "../core/manifest/toolkit.ts";
import { BACKENDS } from "../api/backends.ts";
import { cpuBackend } from "./backends/mod.ts";
import type { TfjsBackend } from "./backend.ts";
import { openEngine, type OpenEngineOptions } from "./open_engine.ts";
import { flat, levelOf } from "../core/video/_testing.ts";

const from = (path: string) => new URL(`../${path}`, import.meta.url).href;
const manifest: ResolvedManifest = {
  plugins: ["tests/fixtures/blend_plugin.ts", "plugins/flow-backbones/mod.ts", "plugins/codecs/mod.ts"].map(from),
  use: { interpolator: { name: "blend" }, warp: { name: "backward" }, media: { name: "ffmpeg" } },
};
const job = (first: Image, second: Image, ...times: number[]): PairJob => ({ first, second, times, details: false });
const toolkit = await createToolkit(manifest);
const opened = async (options = {}) => (await openEngine({ toolkit, backend: "cpu", ...options })).engine;

const unsanitized = { sanitizeOps: false, sanitizeResources: false };

for (
  const [name, options] of [["a pool of workers", { workers: 2 }], ["this thread", { createWorker: false }]] as const
) {
  Deno.test({
    ...unsanitized,
    name: `openEngine() interpolates pairs in ${name}, many at once too`,
    async fn() {
      const engine = await opened(options);
      const results = await Promise.all(
        Array.from({ length: 5 }, (_, i) => engine.run(job(flat(10 * i), flat(100 + 10 * i), 0.25, 0.5))),
      );
      results.forEach(({ images }, i) => equal(images.map(levelOf), [25 + 10 * i, 50 + 10 * i]));
      await engine.close();
      await rejects(engine.run(job(flat(0), flat(1), 0.5)), JobError);
    },
  });
}

Deno.test({
  ...unsanitized,
  name: "openEngine() passes errors of a worker on with their class",
  async fn() {
    const broken = { ...manifest, use: { ...manifest.use, interpolator: { name: "blind" } } };
    await rejects(
      opened({ toolkit: { ...toolkit, manifest: broken } }),
      (e) => e instanceof UsageError && /blind/.test(e.message),
    );
    const model = {
      ...manifest,
      use: { ...manifest.use, interpolator: { name: "super-slomo" }, flowEstimator: { name: "super-slomo" } },
    };
    await rejects(
      opened({ toolkit: await createToolkit(model) }),
      (e) => e instanceof UsageError && /needs weights/.test(e.message),
    );
    const engine = await opened();
    const torn = { ...flat(1), planes: [new Uint8Array(3)] };
    await rejects(engine.run(job(torn, torn, 0.5)), JobError);
    equal((await engine.run(job(flat(4), flat(8), 0.5))).images.map(levelOf), [6]);
    await engine.close();
  },
});

Deno.test({
  ...unsanitized,
  name: "a pool rejects aborted jobs at once, waiting or running, and continues",
  async fn() {
    const engine = await opened({ workers: 1 });
    const stop = new AbortController();
    const jobs = [1, 2, 3].map(() => engine.run(job(flat(0, 400, 300), flat(9, 400, 300), 0.5), stop.signal));
    stop.abort(new Error("enough"));
    for (const { status } of await Promise.allSettled(jobs)) equal(status, "rejected");
    equal((await engine.run(job(flat(4), flat(8), 0.5))).images.map(levelOf), [6]);
    await engine.close();
  },
});

Deno.test({
  ...unsanitized,
  name: "a pool reports that a worker died",
  async fn() {
    const dying = () => new Worker("data:application/javascript,throw new Error('no more memory')", { type: "module" });
    await rejects(opened({ createWorker: dying }), (e) => e instanceof JobError && /no more memory/.test(e.message));
  },
});

Deno.test({
  ...unsanitized,
  name: "an engine interpolates alpha, and colors weighted by it",
  async fn() {
    const engine = await opened();
    const rgba = (red: number, alpha: number): Image => ({
      width: 2,
      height: 1,
      format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: true },
      color: {},
      planes: [red, 0, 0, alpha].map((level) => new Uint8Array(2).fill(level)),
    });
    const { images: [image] } = await engine.run(job(rgba(200, 255), rgba(90, 0), 0.5));
    equal(image!.planes.map((plane) => plane[0]), [200, 0, 0, 128]);
    await engine.close();
  },
});

Deno.test({
  ...unsanitized,
  name: "openEngine() reports the backend that it chose and those that it passed over",
  async fn() {
    const { engine, passedOver } = await openEngine({ toolkit, backend: "wasm" });
    equal(passedOver, []);
    ok(engine.device.includes("WebAssembly"));
    await engine.close();
  },
});

Deno.test("openEngine() computes in workers by default on all backends but webgpu, which is asynchronous", () => {
  equal(BACKENDS.filter(({ threading }) => threading === "caller").map(({ name }) => name), ["webgpu"]);
});

Deno.test({
  ...unsanitized,
  name: "openEngine() aligns tiles to the networks, or to chroma planes if the networks have no alignment",
  async fn() {
    const tiled = async (options: Partial<OpenEngineOptions>) => {
      const { engine, tiles } = await openEngine({ toolkit, backend: "cpu", createWorker: false, ...options });
      await engine.close();
      return [engine.device.replace(/^.*, tiles/, "tiles"), tiles];
    };
    equal(await tiled({ tile: 61, overlap: 20 }), ["tiles of 64 pixels with an overlap of 20", {
      tile: 61,
      overlap: 20,
    }]);
    const plugins = toolkit.plugins.map(({ specifier, plugin }) => ({
      specifier,
      plugin: { ...plugin, provides: plugin.provides.map((part) => ({ ...part, alignment: 32 })) },
    }));
    equal(
      await tiled({ toolkit: { ...toolkit, plugins }, tile: 61, overlap: 20 }),
      ["tiles of 160 pixels with an overlap of 20", { tile: 61, overlap: 20 }],
    );
    equal((await tiled({ tile: 600 }))[1], { tile: 600, overlap: 150 });
    equal((await tiled({ tile: 0 }))[1], undefined);
  },
});

Deno.test({
  ...unsanitized,
  name: "openEngine() plans workers and tiles by the memory of the networks",
  async fn() {
    const planned = async (freeMemory: number) => {
      const frame = { width: 1920, height: 1080 };
      const { engine, tiles, notes } = await openEngine({ toolkit, backend: "wasm", workers: 2, frame, freeMemory });
      const { parallel } = engine;
      await engine.close();
      return { parallel, tile: tiles?.tile, notes };
    };
    equal(await planned(64 * 2 ** 30), { parallel: 2, tile: undefined, notes: [] });
    const need = "a pair of 1920×1080 frames needs about 2.0 GiB on wasm, and 4.0 GiB are free";
    equal(await planned(4 * 2 ** 30), { parallel: 1, tile: undefined, notes: [`${need}: 1 of 2 workers are used`] });
    const { tile, notes } = await planned(2 * 2 ** 30);
    equal(tile, 512);
    ok(/it is interpolated in tiles of 512 pixels; set `tile` to 0 for whole frames$/.test(notes[0]!), notes[0]);
  },
});

Deno.test({
  ...unsanitized,
  name: "openEngine() lets workers of onnx share the threads if there are many and memory suffices",
  async fn() {
    const parallel = async (workers: number, options: Partial<OpenEngineOptions> = {}) => {
      const frame = { width: 64, height: 32 }, freeMemory = 64 * 2 ** 30;
      const { engine } = await openEngine({
        ...{ toolkit, backends: BACKENDS, backend: "onnx", workers, frame, freeMemory, ...options },
      });
      await engine.close();
      return engine.parallel;
    };
    equal([await parallel(2), await parallel(9), await parallel(8, { tile: 0 })], [1, 4, 4]);
    equal([await parallel(8, { freeMemory: 2 ** 29 }), await parallel(8, { createWorker: false })], [1, 1]);
  },
});

Deno.test({
  ...unsanitized,
  name: "openEngine() lets auto choose a device, and takes the next backend if it cannot be opened",
  async fn() {
    const asked: string[] = [], opened: (string | undefined)[] = [];
    const gpu: TfjsBackend = {
      ...{ ...cpuBackend, name: "gpu", rank: {}, devices: ["good", "bad"] },
      open(options) {
        opened.push(options?.device);
        if (options?.device === "bad") throw new UsageError("the card is busy");
        return cpuBackend.open(options);
      },
    };
    const backends = [gpu, { ...cpuBackend, rank: { interpolate: 1 } }], frame = { width: 64, height: 32 };
    const open = async (device: string | undefined, options: Partial<OpenEngineOptions> = {}) => {
      const chosen = device === undefined ? undefined : { backend: "gpu", device };
      const selectDevice: OpenEngineOptions["selectDevice"] = (job) => {
        asked.push(`${job.frame?.width} ${job.flowScale} ${job.precision} ${job.threads}`);
        return Promise.resolve({ chosen, note: `chose ${device}` });
      };
      const result = await openEngine({ toolkit, backends, selectDevice, createWorker: false, frame, ...options });
      await result.engine.close();
      return [result.notes, result.passedOver];
    };
    equal(await open("good"), [["chose good"], []]);
    equal(await open(undefined), [["chose undefined"], []]);
    equal(await open("bad"), [["chose bad"], [{ name: "gpu on bad", reason: "the card is busy" }]]);
    equal([opened, asked], [["good", "bad"], Array(3).fill("64 1 float32 1")]);
    equal(await open("bad", { backend: "cpu" }), [[], []]);
    equal(await open("bad", { device: "good", backends: [{ ...gpu, rank: { interpolate: 1 } }] }), [[], []]);
    equal(asked.length, 3, "names override the selection");
    await rejects(open(undefined, { precision: "float16" }), {
      name: "UsageError",
      message: /with `precision` float16: cpu: .*; chose undefined$/,
    });
  },
});
