import { deepStrictEqual as equal, match, throws } from "node:assert/strict";
import { UsageError } from "@slomo/core";
import { helpText, numberIn, oneOf, parseOptions } from "./_options.ts";

const TABLE = {
  factor: { value: "N", help: "How many times as many frames." },
  loop: { help: "Close the loop." },
  help: { help: "Show this." },
} as const;

Deno.test("parseOptions() sorts options and files", () => {
  const { options, rest } = parseOptions(["a b.mp4", "--factor", "4", "--loop", "out%d.mp4"], TABLE);
  equal(options, { factor: "4", loop: true, help: false });
  equal(rest, ["a b.mp4", "out%d.mp4"]);
  equal(parseOptions(["--", "-lead.mp4", "7"], TABLE).rest, ["-lead.mp4", "7"]);
  equal(parseOptions(["--factor", "-2"], TABLE).options.factor, "-2");
  equal(parseOptions(["-h"], TABLE).options.help, true);
});

Deno.test("parseOptions() refuses what it does not know, with what was meant", () => {
  throws(() => parseOptions(["--facter", "2"], TABLE), (e) => e instanceof UsageError && /--factor\?/.test(e.message));
  throws(() => parseOptions(["-lead.mp4"], TABLE), (e) => e instanceof UsageError && /\.\/-lead\.mp4/.test(e.message));
  throws(() => parseOptions(["--factor"], TABLE), (e) => e instanceof UsageError && /needs a value/.test(e.message));
});

Deno.test("oneOf() and numberIn() refuse values, naming those that are right", () => {
  equal(oneOf("audio", "keep", ["keep", "drop"], undefined), "keep");
  equal(oneOf("audio", undefined, ["keep", "drop"], "drop"), "drop");
  throws(() => oneOf("audio", "loud", ["keep", "drop"], undefined), /keep, drop, got "loud"/);
  equal(numberIn("crf", "18", 0, 63), 18);
  for (const bad of ["64", "-1", "x", "NaN"]) throws(() => numberIn("crf", bad, 0, 63), UsageError);
});

Deno.test("helpText() lists each option once", () => {
  const text = helpText("x IN", "Does x.", TABLE);
  for (const name of Object.keys(TABLE)) match(text, new RegExp(`--${name}\\b`));
});
