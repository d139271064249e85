import { deepStrictEqual as equal, notEqual } from "node:assert/strict";
import { hashSources } from "../core/sources/mod.ts";
import { withFolder } from "../tests/_tools.ts";
import { toFileUrl } from "@std/path";
import { codeHash } from "./code_hash.ts";

Deno.test("codeHash() is that of hashSources(), also from the cache, and follows changes of imported files", async () => {
  await withFolder(async (_, at) => {
    const path = at("cache/code.json"), entries = [toFileUrl(at("a.ts")).href];
    await Deno.writeTextFile(at("a.ts"), 'import "./b.ts";');
    await Deno.writeTextFile(at("b.ts"), "export const b = 1;");
    const first = await codeHash(entries, path);
    equal(first, await hashSources(entries));
    const { mtime } = await Deno.stat(at("b.ts"));
    // The same size and time: the hash is that of the cache.
    await Deno.writeTextFile(at("b.ts"), "export const b = 2;");
    await Deno.utime(at("b.ts"), mtime!, mtime!);
    equal(await codeHash(entries, path), first);
    await Deno.utime(at("b.ts"), 1e9, 1e9);
    const second = await codeHash(entries, path);
    notEqual(second, first);
    equal(second, await hashSources(entries));
    await Deno.remove(at("b.ts"));
    equal(await codeHash(entries, path), await hashSources(entries));
  });
});

Deno.test("codeHash() rebuilds a damaged cache, and keeps the hashes of the last modules only", async () => {
  await withFolder(async (_, at) => {
    const path = at("code.json"), read = async () => JSON.parse(await Deno.readTextFile(path));
    for (let i = 0; i < 10; i++) {
      await Deno.writeTextFile(at(`${i}.ts`), `export const i = ${i};`);
      await codeHash([toFileUrl(at(`${i}.ts`)).href], path);
    }
    equal((await read()).length, 8);
    for (const text of ["", "[", "{}", '[{"entries":[]}]']) {
      await Deno.writeTextFile(path, text);
      const entries = [toFileUrl(at("1.ts")).href];
      equal(await codeHash(entries, path), await hashSources(entries));
      equal((await read()).length, 1);
    }
  });
});
