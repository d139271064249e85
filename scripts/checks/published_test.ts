import assert from "node:assert/strict";
import { findUnpublishable, publishedFiles } from "./published.ts";

const OUTPUT = `Checking for slow types in the public API...
Simulating publish of @slomo/core@0.1.0 with files:
   file:///x/y/core/deno.json (359B)
   file:///x/y/core/a%20b.ts (1.05KB)
   file:///x/y/core/time/mod.ts (2MB)
Success Dry run complete
`;

Deno.test("publishedFiles() reads the paths that a dry run lists", () => {
  assert.deepEqual(publishedFiles(OUTPUT, "file:///x/y/"), ["core/deno.json", "core/a b.ts", "core/time/mod.ts"]);
});

Deno.test("findUnpublishable() finds tests, helpers, fixtures and data", () => {
  assert.deepEqual(findUnpublishable(["core/a_test.ts", "weights/vgg.npy"]), [
    "core/a_test.ts: is published and is a test or its helper; exclude it in the package's deno.json (published)",
    "weights/vgg.npy: is published and is neither code nor a README; exclude it in the package's deno.json (published)",
  ]);
  const bad = [
    "core/_testing.ts",
    "plugins/codecs/fixtures/clips.ts",
    "weights/fixtures/a.ts",
    "tests/golden/make.ts",
    "testing/mutants/a.ts",
    "weights/a.pt",
    "plugins/codecs/a.mp4",
    "models/a.safetensors",
    "core/notes.md",
  ];
  assert.equal(findUnpublishable(bad).length, bad.length);
  const good = ["mod.ts", "core/deno.json", "README.md", "LICENSE", "testing/cases/a.ts", "core/time/tests.ts"];
  assert.deepEqual(findUnpublishable(good), []);
});
