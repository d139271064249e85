import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { parseManifest } from "./parse.ts";
import { pickModel, selectParts } from "./pick_model.ts";
import { resolveManifest } from "./manifest.ts";

const TEXT = JSON.stringify({
  plugins: ["./p.ts"],
  use: {
    flowEstimator: { name: "f", options: { levels: [1], width: 1 } },
    interpolator: { name: "i" },
    warp: { name: "w" },
    media: { name: "c" },
  },
  weights: "./a.safetensors",
  models: {
    fast: { weights: "./b.safetensors" },
    best: { flowEstimator: { levels: [2, 1] }, interpolator: { x: 1 } },
    other: { use: { interpolator: { name: "o" } }, weights: "./o.safetensors", interpolator: { x: 2 } },
    plain: { use: { flowEstimator: { name: "p" }, warp: { name: "v" } } },
  },
});
const manifest = resolveManifest(parseManifest(TEXT, "slomo.json"), new URL("file:///m/slomo.json"));

Deno.test("pickModel() uses the weights of the model, relative to the manifest", () => {
  const { weights, use } = pickModel(manifest, "fast");
  equal(weights, "file:///m/b.safetensors");
  equal(use, manifest.use);
});

Deno.test("pickModel() overrides options of the parts in use, and keeps the weights if the model has none", () => {
  const { weights, use } = pickModel(manifest, "best");
  equal(weights, "file:///m/a.safetensors");
  equal(use.flowEstimator, { name: "f", options: { levels: [2, 1], width: 1 } });
  equal(use.interpolator, { name: "i", options: { x: 1 } });
});

Deno.test("pickModel() lists the models if none has the name", () => {
  throws(() => pickModel(manifest, "small"), {
    message: 'the manifest has no model "small"; it has fast, best, other, plain',
  });
  throws(() => pickModel(manifest, "fats"), { message: 'the manifest has no model "fats"; did you mean fast?' });
  throws(() => pickModel({ ...manifest, models: undefined }, "toString"), /it has none/);
});

Deno.test("pickModel() replaces parts, and leaves weights of the manifest to its own networks", () => {
  const { weights, use, fixedParts } = pickModel(manifest, "other");
  equal([weights, fixedParts], ["file:///m/o.safetensors", ["interpolator"]]);
  equal([use.interpolator, use.flowEstimator, use.warp], [
    { name: "o", options: { x: 2 } },
    manifest.use.flowEstimator,
    { name: "w" },
  ]);
  const plain = pickModel(manifest, "plain");
  equal([plain.weights, plain.use.flowEstimator, plain.use.interpolator, plain.use.warp], [
    undefined,
    { name: "p" },
    { name: "i" },
    { name: "v" },
  ]);
});

Deno.test("pickModel() suggests models that are not in the manifest", () => {
  throws(() => pickModel(manifest, "rive", ["rife"]), {
    message: 'the manifest has no model "rive"; did you mean rife?',
  });
});

Deno.test("selectParts() takes the networks of weights that are not the manifest's, unless the model names its own", () => {
  const facts = (name: string) => ({
    ...{ version: 1, pixelRange: [0, 1], mean: [0, 0, 0] } as const,
    interpolator: { name, options: { channels: 3 } },
  });
  equal(selectParts(manifest, facts("o"), []).use, { ...manifest.use, interpolator: { name: "o" } });
  equal(selectParts(pickModel(manifest, "fast"), facts("o")).use.interpolator, { name: "o" });
  // The manifest's own parts and weights belong together.
  equal(selectParts(manifest, facts("o")).use, manifest.use);
  const best = pickModel(manifest, "best");
  equal(selectParts(best, facts("i")).use, best.use);
  equal(selectParts(pickModel(manifest, "other"), facts("i")).use.interpolator.name, "o");
});
