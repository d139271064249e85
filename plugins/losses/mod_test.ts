import { deepStrictEqual as equal } from "node:assert/strict";
import { API_VERSION, type Loss } from "@slomo/core";
import plugin from "./mod.ts";
import { plainWarp } from "./_testing.ts";

Deno.test("the plugin provides each loss with defaults", async () => {
  equal(plugin.apiVersion, API_VERSION);
  const made = await Promise.all(plugin.provides.map(async (part) => {
    const checked = await part.options["~standard"].validate({});
    if (checked.issues) throw new Error(`${part.name}: ${checked.issues[0]!.message}`);
    const loss = part.create(checked.value, { warp: plainWarp }) as Loss;
    return [part.slot, part.name, loss.everyPyramidLevel ?? false];
  }));
  equal(made, [
    ["loss", "reconstruction", false],
    ["loss", "perceptual", false],
    ["loss", "laplacian", false],
    ["loss", "warping", true],
    ["loss", "smoothness", true],
    ["loss", "flow", true],
  ]);
});

Deno.test("the preset `paper` has the paper's weights in the range of [0, 1]", () => {
  const weights = plugin.provides.flatMap(({ training }) => training?.presets?.["paper"]?.weight ?? []);
  equal(weights, [0.8 * 255, 0.005, 0.4 * 255, 1]);
});
