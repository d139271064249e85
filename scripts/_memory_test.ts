import { strictEqual as equal } from "node:assert/strict";
import { MEMORY_LIMIT, memoryLimit } from "./_memory.ts";

Deno.test("memoryLimit() returns the limit that the start script has found", () => {
  equal(memoryLimit(() => undefined), undefined);
  equal(memoryLimit((name) => name === MEMORY_LIMIT ? `${2 ** 20}` : undefined), 2 ** 20);
});
