import { deepStrictEqual as equal } from "node:assert/strict";
import { createHash } from "node:crypto";

Deno.test("models.json has the size and hash of every shipped model", async () => {
  const folder = new URL("../models/", import.meta.url), found: Record<string, unknown> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".safetensors")) continue;
    const bytes = await Deno.readFile(new URL(name, folder));
    found[name] = { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  }
  equal(JSON.parse(await Deno.readTextFile(new URL("models.json", import.meta.url))), found);
});
