import { deepStrictEqual as equal, throws } from "node:assert/strict";
import * as r from "./rational.ts";

Deno.test("rational() returns lowest terms with a positive denominator", () => {
  equal(r.rational(10, -4), { num: -5n, den: 2n });
  equal(r.rational(0, 7), { num: 0n, den: 1n });
  throws(() => r.rational(1, 0), RangeError);
});

Deno.test("add(), subtract(), multiply() and divide() are exact", () => {
  const a = r.rational(24000, 1001), b = r.rational(1, 3);
  equal(r.subtract(r.add(a, b), b), a);
  equal(r.divide(r.multiply(a, b), b), a);
  throws(() => r.divide(a, r.rational(0)), RangeError);
});

Deno.test("floor(), ceil() and round() round negative values correctly", () => {
  equal([-3, -1, 1, 3].map((n) => r.ceil(r.rational(n, 2))), [-1n, 0n, 1n, 2n]);
  equal([-3, -1, 1, 3].map((n) => r.floor(r.rational(n, 2))), [-2n, -1n, 0n, 1n]);
  equal([-3, -1, 1, 3].map((n) => r.round(r.rational(n, 2))), [-1n, 0n, 1n, 2n]);
});

Deno.test("commonUnit() divides both time bases", () => {
  equal(r.commonUnit(r.rational(1, 90000), r.rational(1001, 60000)), r.rational(1, 180000));
  equal(r.commonUnit(r.rational(1001, 24000), r.rational(1001, 60000)), r.rational(1001, 120000));
});

Deno.test("compare() orders values, and format() prints lowest terms", () => {
  equal(r.compare(r.rational(1, 3), r.rational(1, 2)), -1);
  equal(r.compare(r.rational(2, 4), r.rational(1, 2)), 0);
  equal([r.format(r.rational(4, 2)), r.format(r.rational(5, 2))], ["2", "5/2"]);
});
