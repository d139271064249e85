import { ok, strictEqual as equal } from "node:assert/strict";
import { freeMemory } from "./model.ts";

Deno.test("freeMemory() returns the free memory, or the limit if it is lower", () => {
  ok(freeMemory()! > 2 ** 20);
  equal(freeMemory(2 ** 20), 2 ** 20);
  ok(freeMemory(2 ** 60)! < 2 ** 60);
});
