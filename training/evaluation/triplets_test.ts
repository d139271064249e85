import { deepStrictEqual as equal } from "node:assert/strict";
import { sequenceOf, valueOf } from "./_testing.ts";
import { stepFor } from "./triplets.ts";

async function show(pixels: readonly number[], step?: number): Promise<string[]> {
  const triplets = await Array.fromAsync(sequenceOf(pixels, "s", "set", step).triplets());
  return triplets.map(({ name, first, groundTruth, second, measured }) =>
    `${name}: ${[first, groundTruth, second].map(valueOf).join(" ")}${measured ? "" : " not measured"}`
  );
}

Deno.test("holdOut() holds every second frame out and drops a last one without a successor", async () => {
  equal(await show([1, 2, 3, 4, 5]), ["1: 1 2 3", "3: 3 4 5"]);
  equal(await show([1, 2, 3, 4]), ["1: 1 2 3"]);
  equal(await show([1, 2]), []);
  equal(await show([]), []);
});

Deno.test("holdOut() marks which triplets are measured, the first among them", async () => {
  equal(await show([1, 2, 3, 4, 5, 6, 7], 2), ["1: 1 2 3", "3: 3 4 5 not measured", "5: 5 6 7"]);
});

Deno.test("stepFor() measures at most as many triplets as the limit, evenly spread", () => {
  equal(stepFor(41, undefined), 1);
  equal(stepFor(41, 20), 1);
  equal(stepFor(41, 19), 2);
  equal(stepFor(41, 1), 20);
  equal(stepFor(2, 5), 1);
});
