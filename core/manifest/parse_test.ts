import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../errors.ts";
import { parseManifest } from "./parse.ts";
import { resolveManifest } from "./manifest.ts";

const GOOD = `{
  // comments and a trailing comma are fine
  "plugins": ["./plugins/a.ts", "jsr:@someone/net@1"],
  "use": {
    "flowEstimator": { "name": "super-slomo", "options": { "flowLevels": [1] } },
    "interpolator": { "name": "super-slomo" },
    "warp": { "name": "backward" },
    "media": [{ "name": "images" }, { "name": "ffmpeg" }],
  },
  "weights": "./models/a.safetensors"
}`;

function refuses(text: string, ...parts: string[]): void {
  throws(() => parseManifest(text, "slomo.json"), (error) => {
    if (!(error instanceof UsageError) || error.message.includes("\n")) return false;
    for (const part of ["slomo.json", ...parts]) {
      if (!error.message.includes(part)) throw new Error(`"${error.message}" does not say "${part}"`);
    }
    equal([error.code, error.option], ["invalid-manifest", "manifest"]);
    return true;
  });
}

Deno.test("parseManifest() reads JSON with comments", () => {
  const manifest = parseManifest(GOOD, "slomo.json");
  equal(manifest.use.flowEstimator, { name: "super-slomo", options: { flowLevels: [1] } });
  equal(manifest.plugins.length, 2);
  equal(parseManifest(`\uFEFF${GOOD}`, "slomo.json"), manifest);
});

Deno.test("parseManifest() names the file, the line, the path, and the values found and expected", () => {
  refuses("{", "line 1", "not valid JSON");
  refuses("", "line 1", "value expected");
  refuses(GOOD.replace('"warp"', '"wrap"'), "line 7", "use.wrap", 'did you mean "warp"');
  refuses(GOOD.replace('"name": "backward"', '"name": 5'), "line 7", "use.warp.name", "expected string", "found 5");
  refuses(GOOD.replace('["./plugins/a.ts", "jsr:@someone/net@1"]', '"./a.ts"'), "line 3", "plugins", "array");
  refuses(GOOD.replace('"interpolator": { "name": "super-slomo" },', ""), "use.interpolator", "found nothing");
});

Deno.test("parseManifest() accepts use.codec as the old name of use.media and notes it once", () => {
  const notes: string[] = [], old = GOOD.replace('"media"', '"codec"');
  equal(parseManifest(old, "slomo.json", (note) => notes.push(note)), parseManifest(GOOD, "slomo.json"));
  equal(notes, ["slomo.json: use.codec is deprecated: rename it to use.media"]);
  refuses(old.replace('{ "name": "ffmpeg" }', '"ffmpeg"'), "line 8", "use.media");
  refuses(GOOD.replace('"media": ', '"media": { "name": "a" }, "codec": '), "line 8", "use.codec", "no such key");
});

Deno.test("resolveManifest() resolves relative paths and keeps other specifiers", () => {
  const { plugins, weights } = resolveManifest(parseManifest(GOOD, "slomo.json"), new URL("file:///video/slomo.json"));
  equal(plugins, ["file:///video/plugins/a.ts", "jsr:@someone/net@1"]);
  equal(weights, "file:///video/models/a.safetensors");
});
