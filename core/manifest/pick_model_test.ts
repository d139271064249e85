import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { parseManifest } from "./parse.ts";
import { pickModel } from "./pick_model.ts";
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
  models: { fast: { weights: "./b.safetensors" }, best: { flowEstimator: { levels: [2, 1] }, interpolator: { x: 1 } } },
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
  throws(() => pickModel(manifest, "small"), { message: 'the manifest has no model "small"; it has fast, best' });
  throws(() => pickModel(manifest, "fats"), { message: 'the manifest has no model "fats"; did you mean fast?' });
  throws(() => pickModel({ ...manifest, models: undefined }, "toString"), /it has none/);
});
