import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { parsePackage } from "./packages.ts";
import { findVersionMismatches, readTexts } from "./versions.ts";

const member = (folder: string, name: string, version?: string) =>
  parsePackage(folder, JSON.stringify({ name, version }));
const packages = [
  member(".", "@slomo/slomo", "1.2.3"),
  member("core", "@slomo/core", "1.2.3"),
  member("plugins/codecs", "@slomo/codecs", "1.2.3"),
];

/** Joined, so that the check does not find the specifiers of this file. */
const jsr = (rest: string) => ["jsr", rest].join(":");

const inText = (text: string) => findVersionMismatches(packages, [{ path: "docs/a.md", text }]);

Deno.test("findVersionMismatches() finds packages with another version than the root, or none", () => {
  assert.deepEqual(findVersionMismatches(packages, []), []);
  assert.deepEqual(findVersionMismatches([...packages, member("ops", "@slomo/ops", "1.2.4")], []), [
    "ops/deno.json: has version 1.2.4, the root package has 1.2.3; set the same (versions)",
  ]);
  assert.match(findVersionMismatches([...packages, member("ops", "@slomo/ops")], [])[0]!, /has version undefined/);
});

Deno.test("findVersionMismatches() accepts specifiers with ^VERSION or without a version", () => {
  for (
    const rest of [
      "@slomo/core@^1.2.3",
      "/@slomo/core@^1.2.3/time",
      "@slomo/codecs",
      "@slomo/core/time",
      "@slomo/core@^${version}",
      "@slomo/${name}@^1",
      "@std/path@^1.0.0",
      "@slomo-examples/classic-flow@^0.1.0",
    ]
  ) assert.deepEqual(inText(`deno run -A ${jsr(rest)} interpolate`), [], rest);
});

Deno.test("findVersionMismatches() finds every specifier with another range", () => {
  assert.deepEqual(inText(`a "${jsr("@slomo/core@^1.2.2")}", b \`${jsr("/@slomo/codecs@2/x")}\`.`), [
    `docs/a.md: names ${jsr("@slomo/core@^1.2.2")}; write ${jsr("@slomo/core@^1.2.3")} (versions)`,
    `docs/a.md: names ${jsr("/@slomo/codecs@2")}; write ${jsr("@slomo/codecs@^1.2.3")} (versions)`,
  ]);
  for (const range of ["1.2.3", "~1.2.3", ">=1.2.3", "^1", "*", "^1.2.30", "^1.2.3-rc.1"]) {
    assert.equal(inText(jsr(`@slomo/core@${range}`)).length, 1, range);
  }
});

Deno.test("findVersionMismatches() finds packages that the workspace does not have", () => {
  assert.deepEqual(inText(jsr("@slomo/corex@^1.2.3")), [
    `docs/a.md: names ${jsr("@slomo/corex@^1.2.3")}, which is no package of the workspace (versions)`,
  ]);
});

Deno.test("readTexts() reads manifests, pages, templates and code", async () => {
  const root = fromFileUrl(new URL("../../", import.meta.url));
  const paths = new Set((await readTexts(root)).map(({ path }) => path));
  for (
    const path of [
      "slomo.json",
      "core/deno.json",
      "docs/plugins.md",
      "scripts/plugin/_templates.ts",
      "scripts/plugin/templates/flow/mod.ts",
    ]
  ) assert.ok(paths.has(path), path);
});
