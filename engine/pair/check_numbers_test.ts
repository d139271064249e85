import { doesNotReject, rejects } from "node:assert/strict";
import { checkNumbers } from "./check_numbers.ts";

Deno.test("checkNumbers() refuses NaN and infinities only, at any place, and names the first part that has them", async () => {
  const frame = (values: Float32Array) => ({ label: "network", kind: "frame", values });
  const flow = { label: "estimator", kind: "flow", values: Float32Array.of(NaN) };
  const most = 3.4028234663852886e38, least = 1e-45;
  const all = Float32Array.of(NaN, 0, -0, most, -most, least, -least, 1.5, Infinity), finite = all.subarray(1, 8);
  await doesNotReject(checkNumbers(frame(finite), () => Promise.reject(new Error("not needed"))));
  for (const bad of [NaN, -NaN, Infinity, -Infinity]) {
    for (const place of [0, 6]) {
      const values = finite.slice();
      values[place] = bad;
      await rejects(checkNumbers(frame(values), () => Promise.resolve([])), {
        code: "not-finite",
        message: /^network/,
      });
      await rejects(checkNumbers(frame(values), () => Promise.resolve([flow])), { message: /^estimator/ });
    }
  }
});
