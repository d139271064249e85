import { deepStrictEqual as equal } from "node:assert/strict";
import { chooseValidation } from "./split.ts";

const groups = (count: number) => Array.from({ length: count }, (_, i) => ({ group: `video ${i}` }));

Deno.test("chooseValidation() takes a share of groups, the same whatever their order", () => {
  const chosen = chooseValidation(groups(40), 0.25);
  equal(chosen.size, 10);
  equal(chosen, new Set(chooseValidation(groups(40).reverse(), 0.25)));
});

Deno.test("chooseValidation() leaves something to train on, and something to validate on", () => {
  equal(chooseValidation(groups(1), 0.5).size, 0);
  equal(chooseValidation(groups(2), 0.01).size, 1);
  equal(chooseValidation(groups(2), 0.9).size, 1);
  equal(chooseValidation(groups(9), 0).size, 0);
});

Deno.test("chooseValidation() follows the data set's lists", () => {
  const listed = [{ group: "a", split: "train" as const }, { group: "b", split: "validation" as const }];
  equal(chooseValidation(listed, 0.5), new Set(["b"]));
});
