import { ok, strictEqual as equal } from "node:assert/strict";
import { FileLock } from "./mod.ts";

Deno.test("a file is locked once at a time", async () => {
  const path = await Deno.makeTempFile();
  {
    await using first = await FileLock.take(path);
    ok(first);
    equal(await FileLock.take(path), undefined);
  }
  await using again = await FileLock.take(path);
  ok(again);
});
