import { BACKENDS } from "../../../api/backends.ts";
import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { PairJob, PairResult } from "../../../core/contracts/engine.ts";
import type { Image, PixelFormat } from "../../../core/contracts/frame.ts";
import type { WeightsFacts } from "../../../core/contracts/weights.ts";
import { planeSizes } from "../../../core/frames/image.ts";
import { parseManifest } from "../../../core/manifest/parse.ts";
import { resolveManifest } from "../../../core/manifest/manifest.ts";
import { createToolkit, type Toolkit } from "../../../core/manifest/toolkit.ts";
import type { RunnerSetup } from "../../backend.ts";
import { openWeights, type WeightsFile } from "../../../weights/weights_file.ts";
import { chooseBackend } from "../../choose.ts";
import { openPairInterpolator } from "../../pair/pair_interpolator.ts";
import { loadOnnxruntime } from "../session/onnxruntime.ts";
import { createGraphRunner } from "./graph_runner.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Largest difference from another backend relative to the range: less than one code of 10 bits. */
const TOLERANCE = 1e-3;

async function shippedToolkit(): Promise<Toolkit> {
  const url = new URL("slomo.json", ROOT);
  return await createToolkit(resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url));
}

async function shippedWeights(facts: Partial<WeightsFacts> = {}): Promise<WeightsFile> {
  const file = openWeights(await Deno.readFile(new URL("models/slomo-ifnet.safetensors", ROOT)));
  return { ...file, facts: { ...file.facts, ...facts } };
}

const RGB: PixelFormat = { model: "rgb", depth: 16, chroma: [1, 1], alpha: false };

/** A smooth pattern that moves by 3 pixels per frame. */
function image(frame: number, width: number, height: number, format = RGB): Image {
  const planes = planeSizes(width, height, format).map(([w, h], plane) =>
    Uint16Array.from({ length: w * h }, (_, i) => {
      const x = i % w - 3 * frame, y = Math.floor(i / w);
      return 32768 * (1 + 0.9 * Math.sin(0.3 * x + plane) * Math.cos(0.2 * y + x / 40));
    })
  );
  return { width, height, format, color: {}, planes };
}

const job = (width: number, height: number, more: Partial<PairJob> = {}, format = RGB): PairJob => ({
  first: image(0, width, height, format),
  second: image(1, width, height, format),
  times: [0.25, 0.5],
  details: false,
  ...more,
});

async function interpolateOn(backend: string, setup: RunnerSetup, jobs: PairJob[]) {
  const { backend: open } = await chooseBackend(backend, "interpolate", {}, BACKENDS);
  const interpolator = await openPairInterpolator(open, { threads: 1, ...setup });
  const results: PairResult[] = [];
  for (const job of jobs) results.push(await interpolator.run(job));
  await interpolator.dispose();
  await open.close();
  return results;
}

/** Largest difference between samples of 16 bits, relative to their range. */
function difference(found: readonly Image[], expected: readonly Image[]): number {
  let largest = 0;
  equal(found.length, expected.length);
  found.forEach(({ planes }, i) =>
    planes.forEach((plane, p) => {
      const other = expected[i]!.planes[p]!;
      equal(plane.length, other.length);
      plane.forEach((value, j) => largest = Math.max(largest, Math.abs(value - other[j]!)));
    })
  );
  return largest / 65535;
}

async function agree(setup: RunnerSetup, jobs: PairJob[]): Promise<void> {
  const [found, expected] = [await interpolateOn("onnx", setup, jobs), await interpolateOn("wasm", setup, jobs)];
  found.forEach((result, i) => {
    const far = difference(result.images, expected[i]!.images);
    ok(far < TOLERANCE, `job ${i} differs by ${far} of the range`);
  });
}

Deno.test("createGraphRunner() interpolates as wasm does, also frames that must be padded", async () => {
  const setup = { toolkit: await shippedToolkit(), weights: await shippedWeights(), flowScale: 1 };
  await agree(setup, [job(64, 64), job(45, 30), job(45, 30, { times: [0.9] })]);
});

Deno.test("createGraphRunner() estimates flow at another scale, in another pixel range, as wasm does", async () => {
  const weights = await shippedWeights({ pixelRange: [-0.2, 0.9], mean: [0.01, 0.02, 0.03] });
  await agree({ toolkit: await shippedToolkit(), weights, flowScale: 0.5 }, [job(70, 50)]);
});

Deno.test("createGraphRunner() interpolates alpha as wasm does", async () => {
  const setup = { toolkit: await shippedToolkit(), weights: await shippedWeights(), flowScale: 1 };
  await agree(setup, [job(40, 33, {}, { ...RGB, alpha: true })]);
});

Deno.test("createGraphRunner() gives flow and visibility that later runs do not overwrite", async () => {
  const setup = { toolkit: await shippedToolkit(), weights: await shippedWeights(), flowScale: 1 };
  const jobs = [job(40, 33, { details: true, times: [0.25, 0.75] })];
  const [[found], [expected]] = [await interpolateOn("onnx", setup, jobs), await interpolateOn("wasm", setup, jobs)];
  equal(found!.details!.length, 2);
  found!.details!.forEach((details, i) => {
    const other = expected!.details![i]!;
    for (const key of ["flowToFirst", "flowToSecond", "visibility"] as const) {
      equal(details[key].length, other[key].length);
      details[key].forEach((value, j) => ok(Math.abs(value - other[key][j]!) < 2e-3, `${key} of frame ${i}`));
    }
  });
});

Deno.test("createGraphRunner() names the op that it cannot trace", async () => {
  const toolkit = await createToolkit({
    plugins: [new URL("../fixtures/untraceable_plugin.ts", import.meta.url).href],
    use: { interpolator: { name: "sorted" }, warp: { name: "still" }, media: { name: "nothing" } },
  });
  const { backend } = await chooseBackend("onnx", "interpolate", {}, BACKENDS);
  const setup = { toolkit, weights: undefined, flowScale: 1 };
  await rejects(openPairInterpolator(backend, setup), { name: "UsageError", message: /TopK has no mapping/ });
});

Deno.test("createGraphRunner() frees features and frame when they are released, and not the images of a pair", async () => {
  const setup = { toolkit: await shippedToolkit(), weights: await shippedWeights(), flowScale: 1, threads: 1 };
  const runner = await createGraphRunner(await loadOnnxruntime(), setup, { device: "cpu" });
  const shape = { width: 40, height: 33, details: true }, image = new Float32Array(3 * 40 * 33).fill(0.5);
  await runner.prepare(shape);
  const pair = runner.load(image, image, shape), flow = await runner.estimateFlow(pair);
  const [first, second] = [await runner.prepareFrame!(pair, "first"), await runner.prepareFrame!(pair, "second")];
  const { frame, details } = await runner.interpolate(pair, flow, 0.5, true, { first, second });
  runner.release(pair, flow, second);
  equal([frame, ...Object.values(second!)].map(({ length }) => length), [0, 0]);
  ok(Object.values(first!).every(({ length }) => length > 0));
  equal([image, details!.visibility].map(({ length }) => length > 0), [true, true]);
  await runner.dispose();
});

Deno.test("createGraphRunner() and tfjs give the same frames with features that are computed once and without", async () => {
  const featured = async (prepares: boolean): Promise<RunnerSetup> => {
    const file = (path: string) => new URL(path, ROOT).href;
    const toolkit = await createToolkit({
      plugins: ["engine/onnx/fixtures/features_plugin.ts", "plugins/flow-backbones/mod.ts", "plugins/codecs/mod.ts"]
        .map(file),
      use: {
        interpolator: { name: "features", options: { prepares } },
        warp: { name: "backward" },
        media: { name: "ffmpeg" },
      },
    });
    return { toolkit, weights: undefined, flowScale: 1 };
  };
  for (const format of [RGB, { ...RGB, alpha: true }]) {
    const frames = [0, 1, 2].map((i) => image(i, 45, 30, format)), times = [0.25, 0.5];
    const jobs = [[0, 1], [1, 2], [0, 2]].map(([a, b]): PairJob => {
      return { first: frames[a!]!, second: { ...frames[b!]! }, times, details: false };
    });
    const expected = await interpolateOn("cpu", await featured(false), jobs);
    for (const [backend, prepares] of [["cpu", true], ["onnx", true], ["onnx", false]] as const) {
      const found = await interpolateOn(backend, await featured(prepares), jobs);
      found.forEach(({ images }, i) => ok(difference(images, expected[i]!.images) < 1e-4, `job ${i} on ${backend}`));
    }
  }
});
