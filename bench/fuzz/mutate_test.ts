import { deepStrictEqual as equal, notDeepStrictEqual as unequal, ok } from "node:assert/strict";
import { mutate } from "./mutate.ts";
import { dice } from "./random.ts";

Deno.test("mutate() damages a file in the same way for the same seed, and in many ways for many", () => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, i) => i), others = [Uint8Array.of(1, 2, 3)];
  const damaged = (seed: number) => mutate(bytes, others, dice(seed));
  const hows = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const { bytes: result, how } = damaged(seed);
    equal(damaged(seed), { bytes: result, how });
    hows.add(how);
  }
  ok(hows.size > 30, `${hows.size} ways`);
  unequal(damaged(1).bytes, bytes);
  equal(bytes[2999], 2999 & 255);
});
