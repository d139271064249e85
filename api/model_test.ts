import { ok, strictEqual as equal } from "node:assert/strict";
import { freeMemory } from "./model.ts";

Deno.test("freeMemory() returns what is free, or the limit where that is less", () => {
  ok(freeMemory()! > 2 ** 20);
  equal(freeMemory(2 ** 20), 2 ** 20);
  ok(freeMemory(2 ** 60)! < 2 ** 60);
});
