import { deepStrictEqual as equal } from "node:assert/strict";

const FOLDER = new URL("./", import.meta.url);

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield new URL(name, folder);
  }
}

Deno.test("the conformance kit imports other packages by their published entry points only", async () => {
  const outside: string[] = [], published = new Set<string>();
  for (const folder of ["core", "ops", "weights", "engine", "engine/onnx"]) {
    const { name, exports } = JSON.parse(await Deno.readTextFile(new URL(`../${folder}/deno.json`, import.meta.url)));
    for (const entry of typeof exports === "string" ? ["."] : Object.keys(exports)) {
      published.add(name + entry.slice(1));
    }
  }
  let seen = 0;
  for await (const file of sources(FOLDER)) {
    for (const [, specifier] of (await Deno.readTextFile(file)).matchAll(/from "((?:\.|@slomo)[^"]+)"/g)) {
      if (published.has(specifier!)) seen++;
      else if (!new URL(specifier!, file).href.startsWith(FOLDER.href)) outside.push(`${file.href}: ${specifier}`);
    }
  }
  equal(outside, []);
  equal(seen > 5, true);
});
