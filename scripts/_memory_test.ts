import { strictEqual as equal } from "node:assert/strict";
import { MEMORY_LIMIT, memoryLimit } from "./_memory.ts";

Deno.test("memoryLimit() returns the limit that the start script has found", () => {
  const before = Deno.env.get(MEMORY_LIMIT);
  try {
    Deno.env.delete(MEMORY_LIMIT);
    equal(memoryLimit(), undefined);
    Deno.env.set(MEMORY_LIMIT, `${2 ** 20}`);
    equal(memoryLimit(), 2 ** 20);
  } finally {
    if (before === undefined) Deno.env.delete(MEMORY_LIMIT);
    else Deno.env.set(MEMORY_LIMIT, before);
  }
});
