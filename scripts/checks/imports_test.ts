import assert from "node:assert/strict";
import { scanSource, type SourceFile } from "@slomo/core/sources";
import { findCycles, findUnresolvable, findWrongDependencies, findWrongVersions } from "./imports.ts";
import { parsePackage } from "./packages.ts";

const IMPORTS = { zod: "npm:zod@4.6.7", "@std/cli": "jsr:@std/cli@^1", "@scope/reader": "npm:@scope/reader@2.0.0" };
const member = (folder: string) =>
  parsePackage(
    folder,
    `{ "name": "@slomo/${folder.split("/").at(-1)}", "exports": { ".": "./mod.ts", "./a": "./a.ts" } }`,
  );
const packages = [
  parsePackage(".", JSON.stringify({ name: "@slomo/slomo", exports: "./mod.ts", imports: IMPORTS })),
  ...["core", "ops", "engine", "engine/onnx", "plugins/codecs", "plugins/losses"].map(member),
];

/** Creates files by path: from a list of imports, or from their text. */
function sources(files: Readonly<Record<string, string | readonly string[]>>): SourceFile[] {
  return Object.entries(files).map(([path, given]) =>
    scanSource(path, typeof given === "string" ? given : given.map((one) => `import "${one}";`).join("\n"))
  );
}

Deno.test("findCycles() shows each cycle once, from file to file", () => {
  const cycle = (files: Parameters<typeof sources>[0]) => findCycles(sources(files), packages);
  assert.deepEqual(cycle({ "core/a.ts": ["./b.ts"], "core/b.ts": ["./c.ts"], "core/c.ts": ["./a.ts"] }), [
    "import cycle: core/a.ts → core/b.ts → core/c.ts → core/a.ts; move the shared code to a third file (cycles)",
  ]);
  assert.equal(cycle({ "core/a.ts": ["./a.ts"] }).length, 1);
  assert.equal(
    cycle({ "core/x.ts": ["./a.ts", "./b.ts"], "core/a.ts": ["./b.ts"], "core/b.ts": ["./a.ts"] }).length,
    1,
  );
});

Deno.test("findCycles() counts type-only and dynamic imports, and follows names of packages", () => {
  const cycle = (files: Parameters<typeof sources>[0]) => findCycles(sources(files), packages).length;
  assert.equal(cycle({ "core/a.ts": 'import type { A } from "./b.ts";', "core/b.ts": ["./a.ts"] }), 1);
  assert.equal(cycle({ "core/a.ts": 'await import("./b.ts")', "core/b.ts": ["./a.ts"] }), 1);
  assert.equal(cycle({ "core/a.ts": ["@slomo/engine"], "engine/mod.ts": ["@slomo/core/a"] }), 1);
  assert.equal(cycle({ "core/a.ts": '// import "./b.ts";', "core/b.ts": ["./a.ts"] }), 0);
});

Deno.test("findCycles() accepts two paths to one file", () => {
  const files = {
    "core/a.ts": ["./b.ts", "./c.ts"],
    "core/b.ts": ["./d.ts"],
    "core/c.ts": ["./d.ts"],
    "core/d.ts": "",
  };
  assert.deepEqual(findCycles(sources(files), packages), []);
});

Deno.test("findWrongDependencies() finds imports between packages that the table does not have", () => {
  const wrong = (path: string, specifier: string) => findWrongDependencies(sources({ [path]: [specifier] }), packages);
  assert.deepEqual(wrong("core/a.ts", "@slomo/engine"), [
    "core/a.ts: imports @slomo/engine; core may import no other package (dependencies)",
  ]);
  assert.deepEqual(wrong("engine/a.ts", "@slomo/onnx"), [
    "engine/a.ts: imports @slomo/onnx; engine may import core, ops, weights (dependencies)",
  ]);
  const isWrong = (path: string, specifier: string) => wrong(path, specifier).length === 1;
  for (
    const [path, specifier] of [
      ["core/a/b.ts", "../../plugins/losses/mod.ts"],
      ["core/a/b.ts", "../../scripts/x.ts"],
      ["core/a/b.ts", "@slomo/losses"],
      ["plugins/losses/a.ts", "@slomo/codecs"],
      ["plugins/losses/a.ts", "../codecs/mod.ts"],
      ["plugins/losses/a.ts", "../../scripts/x.ts"],
      ["plugins/losses/a.ts", "@slomo/engine"],
      ["engine/a.ts", "./onnx/mod.ts"],
      ["scripts/a.ts", "../plugins/codecs/mod.ts"],
      ["mod.ts", "./plugins/codecs/mod.ts"],
      ["mod.ts", "@slomo/losses"],
    ] as const
  ) assert.ok(isWrong(path, specifier), `${path} ${specifier}`);
  for (
    const [path, specifier] of [
      ["core/a/b.ts", "../c/d.ts"],
      ["core/a/b.ts", "@slomo/core/a"],
      ["core/a.ts", "zod"],
      ["plugins/losses/a.ts", "@slomo/ops"],
      ["engine/onnx/a.ts", "@slomo/engine"],
      ["scripts/a.ts", "../core/mod.ts"],
      ["scripts/a.ts", "@slomo/core"],
      ["tests/a.ts", "../plugins/codecs/mod.ts"],
      ["core/a_test.ts", "@slomo/losses"],
      ["mod.ts", "@slomo/core"],
    ] as const
  ) assert.ok(!isWrong(path, specifier), `${path} ${specifier}`);
});

Deno.test("findWrongDependencies() finds a package that the table lacks", () => {
  assert.deepEqual(findWrongDependencies([], [...packages, member("fresh")]), [
    "fresh: is a package without an entry in scripts/checks/packages.ts (dependencies)",
  ]);
});

Deno.test("findUnresolvable() finds imports that work in a clone only", () => {
  const unresolvable = (text: string) =>
    findUnresolvable(packages[1]!, sources({ "core/x/a.ts": text }), packages)
      .map((line) => /uses (\S+), .*\(imports\)$/.exec(line)![1]!);
  assert.deepEqual(findUnresolvable(packages[1]!, sources({ "core/x/a.ts": ["../../ops/mod.ts"] }), packages), [
    "core/x/a.ts: uses ../../ops/mod.ts, which is outside the package @slomo/core; import by name (imports)",
  ]);
  assert.deepEqual(unresolvable('export * from "../../mod.ts"; import("../../tests/a.ts")'), [
    "../../mod.ts",
    "../../tests/a.ts",
  ]);
  assert.deepEqual(unresolvable('import "left-pad"; import "@slomo/core/nowhere"; import "zodiac";'), [
    "left-pad",
    "@slomo/core/nowhere",
    "zodiac",
  ]);
  assert.deepEqual(unresolvable('const READER = "h5wasm";\nawait import(READER)'), ["h5wasm"]);
  assert.deepEqual(unresolvable('import.meta.resolve("zod")'), ["zod"]);
  assert.deepEqual(unresolvable('new Worker(new URL("../../engine/worker.ts", import.meta.url))'), [
    "../../engine/worker.ts",
  ]);
});

Deno.test("findUnresolvable() accepts specifiers that resolve everywhere", () => {
  const text = `import "./b.ts"; import "../mod.ts"; import "node:fs"; import "npm:x@1"; import "jsr:@a/b@1";
    import "https://a.b/c.ts"; import "zod"; import "zod/v4"; import "@std/cli/parse-args"; import "@slomo/ops";
    import "@slomo/core/a"; import "@scope/reader/part"; const READER = "npm:x@1"; await import(READER);
    import(specifier); new URL("../data.bin", import.meta.url); new URL(\`./\${name}.ts\`, import.meta.url);
    new URL("../../slomo.json", base); // import "left-pad"`;
  assert.deepEqual(findUnresolvable(packages[1]!, sources({ "core/x/a.ts": text }), packages), []);
  const own = parsePackage("plugins/own", `{ "name": "own", "imports": { "left-pad": "npm:left-pad@1.3.0" } }`);
  assert.deepEqual(findUnresolvable(own, sources({ "plugins/own/a.ts": ["left-pad"] }), [...packages, own]), []);
});

Deno.test("findWrongVersions() compares npm: specifiers with those of the root", () => {
  const wrong = (text: string, path = "core/a.ts") => findWrongVersions(sources({ [path]: text }), packages);
  assert.deepEqual(wrong('const A = "npm:zod@4.6.6";'), [
    "core/a.ts: names npm:zod@4.6.6; deno.json has 4.6.7 (versions)",
  ]);
  assert.deepEqual(wrong('import "npm:left-pad@1.3.0";'), [
    "core/a.ts: names npm:left-pad@1.3.0; deno.json does not have it; pin it there (versions)",
  ]);
  assert.equal(wrong('const A = "npm:@scope/reader@2.0.1/part";').length, 1);
  for (
    const text of [
      'const A = "npm:zod@4.6.7", B = "npm:@scope/reader@2.0.0/part";',
      "const A = `npm:${name}@${version}`;",
      '// "npm:zod@4.6.6"',
      'const HELP = "npm:name@1 or a path"; const B = "npm:";',
    ]
  ) assert.deepEqual(wrong(text), [], text);
  assert.deepEqual(wrong('"npm:zod@1.0.0"', "core/a_test.ts"), []);
});

Deno.test("findWrongVersions() reads the import maps of packages", () => {
  const own = parsePackage("examples/own", `{ "name": "own", "imports": { "zod": "npm:zod@3.0.0" } }`);
  assert.deepEqual(findWrongVersions([], [...packages, own]), [
    "examples/own/deno.json: names npm:zod@3.0.0; deno.json has 4.6.7 (versions)",
  ]);
});
