import { deepStrictEqual as equal } from "node:assert/strict";

const FOLDER = new URL("./", import.meta.url), CORE = new URL("../", import.meta.url);

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield new URL(name, folder);
  }
}

Deno.test("the conformance kit imports nothing of core but what core publishes", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", CORE)));
  const published = new Set(Object.values<string>(exports).map((path) => new URL(path, CORE).href));
  const strangers: string[] = [];
  let seen = 0;
  for await (const file of sources(FOLDER)) {
    for (const [, specifier] of (await Deno.readTextFile(file)).matchAll(/from "(\.[^"]+)"/g)) {
      const { href } = new URL(specifier!, file);
      if (published.has(href)) seen++;
      else if (!href.startsWith(FOLDER.href)) strangers.push(`${file.href}: ${specifier}`);
    }
  }
  equal(strangers, []);
  equal(seen > 5, true);
});
