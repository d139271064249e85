import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { parseManifest } from "../../../core/manifest/parse.ts";
import { selectParts } from "../../../core/manifest/pick_model.ts";
import { type ResolvedManifest, resolveManifest } from "../../../core/manifest/manifest.ts";
import { createToolkit } from "../../../core/manifest/toolkit.ts";
import { openWeights } from "../../../weights/weights_file.ts";
import { GraphCache } from "../cache/graph_cache.ts";
import { loadOnnxruntime } from "../session/onnxruntime.ts";
import { createGraphRunner } from "./graph_runner.ts";

const ROOT = new URL("../../../", import.meta.url);
const MANIFEST = new URL("slomo.json", ROOT);
const weights = openWeights(await Deno.readFile(new URL("models/slomo-quarter.safetensors", ROOT)));
const shipped = resolveManifest(parseManifest(await Deno.readTextFile(MANIFEST), "slomo.json"), MANIFEST);
const manifest = selectParts(shipped, weights.facts, []);
const ort = await loadOnnxruntime();
const frame = { width: 70, height: 45 };

const image = (phase: number) =>
  Float32Array.from({ length: 3 * frame.width * frame.height }, (_, i) => 0.5 + 0.4 * Math.sin(i / 7 + phase));

async function withCache(test: (cache: GraphCache, folder: string) => Promise<void>, limit?: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-graphs-" });
  try {
    await test(new GraphCache(folder, limit), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Opens a runner as a worker does and interpolates a frame; returns it, its details, and how often plugins were loaded. */
async function interpolate(cache: GraphCache, { details = false, of = manifest, size = frame } = {}) {
  let loads = 0;
  const load = () => {
    loads++;
    return createToolkit(of);
  };
  const setup = { toolkit: { manifest: of, load }, flowScale: 1, frame: size, threads: 1 };
  const runner = await createGraphRunner(ort, { ...setup, weights: of === manifest ? weights : undefined }, {
    device: "cpu",
    precision: "float32",
    cache,
  });
  const shape = { ...frame, details };
  await runner.prepare(shape);
  const pair = runner.load(image(0), image(1), shape), { labels } = runner, flow = await runner.estimateFlow(pair);
  const [first, second] = [await runner.prepareFrame!(pair, "first"), await runner.prepareFrame!(pair, "second")];
  const features = { first, second, pair: await runner.preparePair!(pair, flow, { first, second }) };
  const output = await runner.interpolate(pair, flow, 0.4, details, features);
  const result = { frame: output.frame.slice(), details: output.details, labels };
  await runner.dispose();
  return { loads, ...result };
}

Deno.test("a runner whose graphs are in the cache loads no plugins, and gives the same frames", async () => {
  await withCache(async (cache, folder) => {
    const traced = await interpolate(cache);
    equal([...Deno.readDirSync(folder)].length, 1);
    const cached = await interpolate(cache);
    equal([traced.loads, cached.loads], [1, 0]);
    equal(cached, { ...traced, loads: 0 });
    ok(traced.labels.interpolation.includes("super-slomo"));
  });
});

Deno.test("a runner caches the graphs of features", async () => {
  const of: ResolvedManifest = {
    plugins: ["engine/onnx/fixtures/features_plugin.ts", "plugins/flow-backbones/mod.ts", "plugins/codecs/mod.ts"]
      .map((path) => new URL(path, ROOT).href),
    use: { interpolator: { name: "features" }, warp: { name: "backward" }, media: { name: "ffmpeg" } },
  };
  await withCache(async (cache, folder) => {
    const traced = await interpolate(cache, { of }), [entry] = [...Deno.readDirSync(folder)];
    const files = [...Deno.readDirSync(join(folder, entry!.name))].map(({ name }) => name).sort();
    equal(files, ["entry.json", "frame.onnx", "frameFeatures.onnx", "pairFeatures.onnx"]);
    equal(await interpolate(cache, { of }), { ...traced, loads: 0 });
  });
});

Deno.test("a runner caches each shape of frames", async () => {
  await withCache(async (cache, folder) => {
    const other = { width: 40, height: 30 }, traced = await interpolate(cache, { details: true, size: other });
    equal([...Deno.readDirSync(folder)].length, 2);
    ok(traced.details);
    equal(await interpolate(cache, { details: true, size: other }), { ...traced, loads: 0 });
  });
});

Deno.test("a runner traces again if onnxruntime refuses a cached graph", async () => {
  await withCache(async (cache, folder) => {
    const traced = await interpolate(cache), [entry] = [...Deno.readDirSync(folder)];
    for (const file of ["frame.onnx", "flow.onnx"]) {
      const path = join(folder, entry!.name, file);
      await Deno.writeFile(path, (await Deno.readFile(path)).fill(0xff, 0, 5000));
      equal(await interpolate(cache), { ...traced, loads: 1 });
      equal(await interpolate(cache), { ...traced, loads: 0 });
    }
  });
});

Deno.test("a runner works without a cache that it can write", async () => {
  await withCache(async (_, folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    equal((await interpolate(new GraphCache(join(folder, "file")))).loads, 1);
  });
});

Deno.test("a runner names the op that it cannot trace, at the size of the frames, and caches nothing", async () => {
  const of: ResolvedManifest = {
    plugins: [new URL("../fixtures/untraceable_plugin.ts", import.meta.url).href],
    use: { interpolator: { name: "sorted" }, warp: { name: "still" }, media: { name: "nothing" } },
  };
  await withCache(async (cache, folder) => {
    await rejects(interpolate(cache, { of }), { name: "UsageError", message: /TopK has no mapping .*\[1,45,70,3\]/ });
    equal([...Deno.readDirSync(folder)], []);
  });
});
