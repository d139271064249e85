import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { type BenchCommand, parseBench, readModels, readSizes } from "./options.ts";

const parse = (...args: string[]): BenchCommand => parseBench(args, ["fast", "best"], { out: () => {} })!;

Deno.test("parseBench() measures all models at three sizes by default", () => {
  const { sizes, models, runs, threads, train, json, markdown } = parse();
  equal(sizes, [[640, 360], [864, 480], [1920, 1080]]);
  equal([models, runs, threads], [["default", "fast", "best"], 3, navigator.hardwareConcurrency]);
  equal([train, json, markdown], [false, false, false]);
});

Deno.test("parseBench() reads every option, and shows the help instead of measuring", () => {
  const command = parse("--sizes", "64x64, 96x64", "--models=fast,default", "--runs", "2", "--threads", "1", "--train");
  equal(command.sizes, [[64, 64], [96, 64]]);
  equal([command.models, command.runs, command.threads, command.train], [["fast", "default"], 2, 1, true]);
  const lines: string[] = [];
  equal(parseBench(["--help"], [], { out: (line) => lines.push(line) }), undefined);
  equal(/--sizes LIST .*\n[^]*--markdown/.test(lines.join("\n")), true);
});

Deno.test("parseBench() rejects sizes, models and arguments that do not exist", () => {
  for (const text of ["640", "640x", "641x360", "640x361", "0x0", "640x360,", "-2x4", "640X360"]) {
    throws(() => readSizes(text), { name: "UsageError", option: "sizes", message: /`sizes` must be even sizes/ });
  }
  throws(() => readModels("fats", ["fast"]), { name: "UsageError", message: /no model "fats"; did you mean fast\?/ });
  throws(() => readModels("x", []), { message: /no model "x"; it has default/ });
  throws(() => parse("clip.mp4"), { name: "UsageError", message: /takes no arguments, got "clip\.mp4"/ });
  throws(() => parse("--runs", "0"), { name: "UsageError", option: "runs" });
  throws(() => parse("--rounds", "1"), { name: "UsageError", code: "unknown-option" });
});
