import assert from "node:assert/strict";
import { scanSource } from "@slomo/core/sources";
import { findPluginNames, providedNames } from "./names.ts";

const NAMES = {
  parts: ["super-slomo", "smoothness", "flow", "images"],
  tensors: ["encoder.0.conv1.weight", "output.bias"],
};
const CONTRACTS = scanSource("core/contracts/a.ts", "interface A { flow: Tensor; images: Image[] } // smoothness");

function found(text: string, path = "core/a.ts"): string | undefined {
  const [finding] = findPluginNames([CONTRACTS, scanSource(path, text)], NAMES);
  return finding && /names (.*), which/.exec(finding)![1];
}

Deno.test("findPluginNames() finds names of several words, networks and programs anywhere, in any spelling", () => {
  assert.equal(found("/** Like super-slomo. */"), "super-slomo");
  assert.equal(found("const a = superSlomo();"), "superSlomo");
  assert.equal(found("// Super SloMo"), "Super SloMo");
  assert.equal(found("/** Like ffmpeg's. */"), "ffmpeg");
  assert.equal(found("const uNet = 1;"), "uNet");
  assert.equal(found("const name = 'VGG19';"), "VGG19");
});

Deno.test("findPluginNames() finds single words only if they name a part", () => {
  assert.equal(found("const LOSSES = { smoothness: 1, other: 2 };"), "smoothness:");
  assert.equal(found('if (loss === "smoothness") return;'), "smoothness");
  assert.equal(found('choose({ name: "flow", weight: 1 })'), 'name: "flow"');
  assert.equal(found(`const HELP = 'such as { "name": "images" }';`), 'name": "images"');
  for (
    const text of [
      "/** Smoothness: how much flow changes from pixel to pixel. */",
      'throw new Error("no smoothness: the images have no flow");',
      "const flow = { images: [], flow: 1 };",
      'checkShape("flow", images);',
    ]
  ) assert.equal(found(text), undefined, text);
});

Deno.test("findPluginNames() finds names of tensors", () => {
  assert.equal(found("/** For example `encoder.3.conv2.bias`. */"), "encoder.3");
  assert.equal(found("const name = `encoder.${level}.weight`;"), "encoder.${");
  assert.equal(found('tensors.get("output.bias")'), "output.bias");
  assert.equal(found("encoder.encode(text); output.frames.dispose();"), undefined);
});

Deno.test("findPluginNames() checks packages that know contracts only, and no tests", () => {
  for (const path of ["core/a.ts", "ops/a.ts", "weights/a.ts", "engine/onnx/a.ts", "training/a.ts", "testing/a.ts"]) {
    assert.equal(found("// ffmpeg", path), "ffmpeg", path);
  }
  for (const path of ["core/a_test.ts", "plugins/codecs/a.ts", "scripts/a.ts"]) {
    assert.equal(found("// ffmpeg", path), undefined, path);
  }
});

Deno.test("providedNames() reads parts and tensors of the default plugins", async () => {
  const { parts, tensors } = await providedNames();
  for (const name of ["super-slomo", "smoothness", "images", "ffmpeg"]) assert.ok(parts.includes(name), name);
  assert.ok(tensors.includes("encoder.0.conv1.weight"));
});
