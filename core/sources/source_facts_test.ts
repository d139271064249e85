import { strictEqual as equal } from "node:assert/strict";
import { join, toFileUrl } from "@std/path";
import { areUnchanged, factsOf } from "./source_facts.ts";

Deno.test("areUnchanged() compares contents of files whose time has changed, and misses absent ones", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "a.ts"), text = "export const a = 1;";
  try {
    await Deno.writeTextFile(path, text);
    const facts = await factsOf(new Map([[toFileUrl(path).href, text]]));
    equal(await areUnchanged(facts), true);
    await Deno.utime(path, 1e9, 1e9);
    equal(await areUnchanged(facts), true, "the same content");
    await Deno.writeTextFile(path, "export const a = 2;");
    equal(await areUnchanged(facts), false, "another content of the same size");
    await Deno.remove(path);
    equal(await areUnchanged(facts), false, "no file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
