import { doesNotThrow, throws } from "node:assert/strict";
import { checkNumbers } from "./check_numbers.ts";

Deno.test("checkNumbers() refuses NaN and infinities only, at any place", () => {
  const frame = (values: Float32Array) => ({ label: "network", kind: "frame", values });
  const most = 3.4028234663852886e38, least = 1e-45;
  const all = Float32Array.of(NaN, 0, -0, most, -most, least, -least, 1.5, Infinity), finite = all.subarray(1, 8);
  doesNotThrow(() => checkNumbers(frame(finite)));
  for (const bad of [NaN, -NaN, Infinity, -Infinity]) {
    for (const place of [0, 6]) {
      const values = finite.slice();
      values[place] = bad;
      throws(() => checkNumbers(frame(values)), { code: "not-finite", message: /^network: its frame/ });
    }
  }
});
