import { deepStrictEqual as equal, notDeepStrictEqual as differ, ok, throws } from "node:assert/strict";
import { random } from "./random.ts";

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

Deno.test("random() returns the same numbers for the same keys, and others for other keys", () => {
  const first = draw(8, random(7, "a", 1).next);
  equal(first, draw(8, random(7, "a", 1).next));
  differ(first, draw(8, random(7, "a", 2).next));
  differ(draw(8, random("ab", "c").next), draw(8, random("a", "bc").next));
  equal(draw(3, random(1).next).map((x) => x * 2 ** 32), [2855543914, 3179875725, 3852120414]);
});

Deno.test("random() follows its distributions", () => {
  const stream = random("moments"), count = 20_000;
  ok(Math.abs(mean(draw(count, stream.next)) - 0.5) < 0.01);
  const normal = draw(count, stream.normal);
  ok(Math.abs(mean(normal)) < 0.03);
  ok(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.05);
  ok(Math.abs(mean(draw(count, () => stream.exponential(3))) - 3) < 0.1);
  const counts = [0, 0, 0];
  for (let i = 0; i < count; i++) counts[stream.weighted([1, 0, 3])]!++;
  equal(counts[1], 0);
  ok(Math.abs(counts[2]! / count - 0.75) < 0.02);
  equal(stream.permutation(9).sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("random() rejects picking from an empty list", () => {
  throws(() => random(1).pick([]), RangeError);
  throws(() => random(1).weighted([0, 0]), RangeError);
});
