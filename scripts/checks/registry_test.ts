import { deepStrictEqual as equal, match } from "node:assert/strict";
import { loadPlugins } from "@slomo/core/manifest";
import { readManifest } from "../_toolkit.ts";
import { checkRegistry, findRegistryErrors } from "./registry.ts";

Deno.test("findRegistryErrors() finds wrong fields, parts without importers, and files that are not shipped", async () => {
  const plugins = await loadPlugins((await readManifest()).plugins);
  const entry = { description: "d", strengths: "s", license: "MIT", source: "u" };
  const find = (models: object) => findRegistryErrors(JSON.stringify({ models }), plugins, ["a.safetensors"]);
  const url = { url: "./a", bytes: 1, sha256: "0".repeat(64) };
  equal(find({ a: { ...entry, from: { shipped: "a.safetensors" } }, b: { ...entry, part: "rife", from: url } }), []);
  equal(find({ a: { ...entry, from: { shipped: "b.safetensors" } }, b: { ...entry, part: "backward", from: url } }), [
    'api/registry.json: "a" names b.safetensors, which is not in api/models.json (registry)',
    'api/registry.json: "b" names the part "backward", which imports no weights (registry)',
  ]);
  equal(find({ a: { ...entry, from: url, difference: { shipped: "c.safetensors" } } }), [
    'api/registry.json: "a" names c.safetensors, which is not in api/models.json (registry)',
  ]);
  match(find({ a: { ...entry, from: {} } })[0]!, /cannot read api\/registry\.json: models\.a\.from: .* \(registry\)$/);
  equal(await checkRegistry(), []);
});
