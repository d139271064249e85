import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { rational } from "../time/rational.ts";
import { type OptionDefinition, readOption } from "./mod.ts";

type Valued = Exclude<OptionDefinition, { kind: "switch" }>;

const HELP = { help: "Set it", value: "X" } as const;
const refused = (definition: Valued, ...texts: string[]) =>
  texts.map((text) =>
    throws(() => readOption("size", definition, text), (error: Error & { option?: string; code?: string }) => {
      equal([error.name, error.option, error.code], ["UsageError", "size", "invalid-option"]);
      equal([error.message.startsWith("`size` must be "), error.message.endsWith(`, got "${text}"`)], [true, true]);
      return true;
    })
  );

Deno.test("readOption() reads names, one or several", () => {
  const choice = { ...HELP, kind: "choice", choices: ["keep", "drop"] } as const;
  equal(readOption("audio", choice, "keep"), "keep");
  throws(() => readOption("audio", choice, "loud"), /`audio` must be one of keep, drop, got "loud"/);
  refused(choice, "", "Keep", "keep,drop");
  const list = { ...choice, kind: "list" } as const;
  equal(readOption("audio", list, "drop, keep,drop"), ["drop", "keep"]);
  refused(list, "", "keep,", "keep,loud");
});

Deno.test("readOption() reads numbers within their range", () => {
  const crf = { ...HELP, kind: "number", min: 0, max: 63 } as const;
  equal([readOption("crf", crf, "18"), readOption("crf", crf, "0"), readOption("crf", crf, "17.5")], [18, 0, 17.5]);
  throws(() => readOption("crf", crf, "64"), /must be a number from 0 to 63/);
  refused(crf, "", " ", "-1", "64", "NaN", "x", "1e9");
  const scale = { ...HELP, kind: "number", min: 0, max: 1, isAboveMin: true } as const;
  equal(readOption("scale", scale, "1"), 1);
  throws(() => readOption("scale", scale, "0"), /a number above 0 and at most 1/);
  const tile = { ...HELP, kind: "number", min: 128, max: 4096, isInteger: true, orZero: true } as const;
  equal([readOption("tile", tile, "0"), readOption("tile", tile, "128")], [0, 128]);
  throws(() => readOption("tile", tile, "127"), /a whole number from 128 to 4096, or 0/);
  refused(tile, "1", "128.5", "-128");
});

Deno.test("readOption() reads exact factors, rates and times", () => {
  const kind = (kind: "factor" | "rate" | "time") => ({ ...HELP, kind }) as const;
  equal(readOption("factor", kind("factor"), "5/2"), rational(5, 2));
  equal(readOption("factor", kind("factor"), "1"), rational(1));
  refused(kind("factor"), "0.9", "0", "1001", "-2", "2x", "");
  equal(readOption("fps", kind("rate"), "59.94"), rational(60000, 1001));
  refused(kind("rate"), "0", "-1", "1e5", "100001", "");
  equal(readOption("start", kind("time"), "1:02:03.5"), rational(7447, 2));
  refused(kind("time"), "soon", "-1", "");
});

Deno.test("readOption() returns text and paths unchanged", () => {
  equal(readOption("media", { ...HELP, kind: "text" }, "libx264"), "libx264");
  equal(readOption("out", { ...HELP, kind: "path" }, "a b/"), "a b/");
  refused({ ...HELP, kind: "text" }, "");
  equal(readOption("slow", { ...HELP, kind: "texts" }, "1-2=3, 4-5=6"), ["1-2=3", "4-5=6"]);
  refused({ ...HELP, kind: "texts" }, "", "a,", ",");
});
