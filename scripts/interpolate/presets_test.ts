import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { UsageError } from "@slomo/core";
import { helpText } from "../_options.ts";
import { INTERPOLATE, parseInterpolate } from "./options.ts";
import { presetLines } from "./presets.ts";

/** Parses options, and omits the name of the preset. */
const parse = (args: string) => {
  const { videos, options } = parseInterpolate(["a.mp4", "b.mp4", ...args.split(" ").filter(Boolean)]);
  return { videos, options: { ...options, preset: undefined } };
};

Deno.test("--preset has the same effect as its options", () => {
  for (const line of presetLines(INTERPOLATE.options)) {
    const [, name, options] = /^(\S+) +(.*)$/.exec(line)!;
    equal(parse(`--preset ${name}`), parse(options!));
  }
});

Deno.test("explicit options take precedence over --preset", () => {
  equal(parse("--preset screen --duplicates fill"), parse("--keep-still --duplicates fill"));
  equal(parse("--factor 8 --preset slow-motion"), parse("--factor 8 --slow-motion"));
  equal(parse("--preset slow-motion --fps 60"), parse("--slow-motion --fps 60"));
});

Deno.test("--preset rejects unknown names, and --help lists the known ones", () => {
  throws(
    () => parse("--preset movie"),
    (e) => e instanceof UsageError && /film, animation, screen, slow-motion/.test(e.message),
  );
  for (const line of presetLines(INTERPOLATE.options)) ok(helpText(INTERPOLATE).includes(line));
});
