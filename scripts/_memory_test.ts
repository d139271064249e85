import { ok } from "node:assert/strict";
import { freeMemory, MEMORY_LIMIT } from "./_memory.ts";

Deno.test("freeMemory() is what is free, or what is allowed where that is less", () => {
  const before = Deno.env.get(MEMORY_LIMIT);
  try {
    Deno.env.delete(MEMORY_LIMIT);
    ok(freeMemory() > 2 ** 20);
    Deno.env.set(MEMORY_LIMIT, `${2 ** 20}`);
    ok(freeMemory() === 2 ** 20);
    Deno.env.set(MEMORY_LIMIT, `${2 ** 60}`);
    ok(freeMemory() < 2 ** 60);
  } finally {
    if (before === undefined) Deno.env.delete(MEMORY_LIMIT);
    else Deno.env.set(MEMORY_LIMIT, before);
  }
});
