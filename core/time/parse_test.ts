import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../errors.ts";
import { parseFactor, parseFps, parseRate, parseRational, parseTime } from "./parse.ts";
import { rational } from "./rational.ts";

Deno.test("parseRational() reads integers, decimals and fractions exactly", () => {
  equal(parseRational("4"), rational(4));
  equal(parseRational("2.5"), rational(5, 2));
  equal(parseRational("-.5"), rational(-1, 2));
  equal(parseRational("10/4"), rational(5, 2));
  for (const text of ["", ".", "1/0", "2x", "1e9", "NaN", "1/2/3"]) equal(parseRational(text), undefined, text);
});

Deno.test("parseRate() reads decimals of NTSC rates as their fractions, and others exactly", () => {
  equal(parseRate("23.976"), rational(24000, 1001));
  equal(parseRate("23.98"), rational(24000, 1001));
  equal(parseRate("29.97"), rational(30000, 1001));
  equal(parseRate("59.94"), rational(60000, 1001));
  equal(parseRate("119.88"), rational(120000, 1001));
  equal(parseRate("60"), rational(60));
  equal(parseRate("12.5"), rational(25, 2));
  equal(parseRate("2997/100"), rational(2997, 100));
});

Deno.test("parseTime() reads seconds, minutes and hours", () => {
  equal(parseTime("12.5"), rational(25, 2));
  equal(parseTime("1:02.5"), rational(125, 2));
  equal(parseTime("01:00:02"), rational(3602));
  for (const text of ["", "-1", "1:", "a", "1:2:3:4"]) equal(parseTime(text), undefined, text);
});

Deno.test("parseFactor() and parseFps() refuse invalid values and name the option and the value", () => {
  equal(parseFactor("5/2"), rational(5, 2));
  equal(parseFactor("1"), rational(1));
  for (const text of ["0", "-2", "0.5", "1000000000", "x", ""]) {
    throws(
      () => parseFactor(text),
      (e) => e instanceof UsageError && e.option === "factor" && e.message.includes(`"${text}"`),
    );
  }
  equal(parseFps("59.94"), rational(60000, 1001));
  for (const text of ["0", "-2", "1000000000", "fast"]) {
    throws(
      () => parseFps(text),
      (e) => e instanceof UsageError && e.option === "fps" && e.message.includes(`"${text}"`),
    );
  }
});
