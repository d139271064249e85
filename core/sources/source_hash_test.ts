import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { collectSources, localFileOf } from "./source_hash.ts";

const fromRoot = (path: string) => new URL(`../../${path}`, import.meta.url).href;

Deno.test("localFileOf() finds files of a clone, and none of packages and remote modules", () => {
  equal(localFileOf("./mod.ts", import.meta.url), fromRoot("core/sources/mod.ts"));
  equal(localFileOf("jsr:@slomo/flow-backbones@^0.1.0"), fromRoot("plugins/flow-backbones/mod.ts"));
  for (const specifier of ["npm:zod@4.6.7", "zod", "node:fs", "https://example.com/mod.ts", "no-such-package"]) {
    equal(localFileOf(specifier, import.meta.url), undefined, specifier);
  }
});

Deno.test("collectSources() follows the imports of a plugin that a manifest names by its package", async () => {
  const urls = [...(await collectSources(["jsr:@slomo/flow-backbones@^0.1.0"])).keys()];
  for (const path of ["plugins/flow-backbones/super-slomo/unet.ts", "ops/mod.ts"]) {
    ok(urls.includes(fromRoot(path)), path);
  }
});
