import assert from "node:assert/strict";
import { DEPENDENCIES, dependenciesOf, folderOf, parsePackage, resolveImport } from "./packages.ts";

const packages = [
  parsePackage(".", `{ "name": "@slomo/slomo", "exports": { ".": "./mod.ts", "./a": "./api/a.ts" } }`),
  parsePackage("core", `{ "name": "@slomo/core", "exports": { ".": "./mod.ts", "./time": "./time/mod.ts" } }`),
  parsePackage("engine", `{ "name": "@slomo/engine", "version": "1.2.3", "exports": "./mod.ts" }`),
  parsePackage("engine/onnx", `{ "name": "@slomo/onnx", "exports": "./mod.ts" }`),
];

Deno.test("parsePackage() reads both forms of exports, and import maps", () => {
  assert.deepEqual(packages[2], {
    folder: "engine",
    name: "@slomo/engine",
    version: "1.2.3",
    exports: { ".": "./mod.ts" },
    imports: {},
  });
  assert.deepEqual(parsePackage("a", `{ "name": "a", "imports": { "b": "npm:b@1" } }`).imports, { b: "npm:b@1" });
});

Deno.test("folderOf() finds the deepest package, the root's, or the top folder", () => {
  const folders = {
    "core/time/a.ts": "core",
    "engine/a.ts": "engine",
    "engine/onnx/a.ts": "engine/onnx",
    "mod.ts": ".",
    "api/b.ts": ".",
    "tests/a.ts": "tests",
  };
  for (const [path, folder] of Object.entries(folders)) assert.equal(folderOf(path, packages), folder);
});

Deno.test("resolveImport() follows paths and names of packages", () => {
  const resolve = (specifier: string) => resolveImport("core/time/a.ts", specifier, packages);
  assert.equal(resolve("../b.ts"), "core/b.ts");
  assert.equal(resolve("../../engine/mod.ts"), "engine/mod.ts");
  assert.equal(resolve("@slomo/core"), "core/mod.ts");
  assert.equal(resolve("@slomo/core/time"), "core/time/mod.ts");
  assert.equal(resolve("@slomo/onnx"), "engine/onnx/mod.ts");
  assert.equal(resolve("@slomo/slomo/a"), "api/a.ts");
  for (const specifier of ["@slomo/core/nowhere", "@slomo/corex", "zod", "node:fs"]) {
    assert.equal(resolve(specifier), undefined, specifier);
  }
});

Deno.test("DEPENDENCIES has no cycles and no unknown packages", () => {
  const reached = (folder: string, path: readonly string[] = []): void => {
    assert.ok(!path.includes(folder), [...path, folder].join(" → "));
    assert.ok(DEPENDENCIES[folder], folder);
    DEPENDENCIES[folder].forEach((next) => reached(next, [...path, folder]));
  };
  Object.keys(DEPENDENCIES).forEach((folder) => reached(folder));
  assert.equal(dependenciesOf("plugins/losses"), DEPENDENCIES["plugins/*"]);
  assert.equal(dependenciesOf("tests"), undefined);
});
