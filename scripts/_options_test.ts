import { deepStrictEqual as equal, match, ok, throws } from "node:assert/strict";
import { UsageError } from "@slomo/core";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { rational } from "@slomo/core/time";
import { parseOptionsOnly } from "./_command.ts";
import { type CommandDefinition, helpText, optionLines, parseCommand, parseOptions, withFlags } from "./_options.ts";

const TABLE = {
  factor: { kind: "factor", value: "N", help: "Output N times as many frames", default: "2", excludes: ["fps"] },
  fps: { kind: "rate", value: "F", help: "Output F frames per second, not with `factor`", excludes: ["factor"] },
  cuts: {
    ...{ kind: "number", min: 0, max: 9, value: "X", flag: "cut-threshold", offFlag: "no-cuts", group: "Content" },
    help: "Set the threshold",
    offHelp: "Detect no cuts",
  },
  audio: { kind: "choice", choices: ["keep", "drop"], value: "MODE", help: "Copy audio or drop it", default: "keep" },
  keepStill: { kind: "switch", help: "Keep still regions" },
} as const satisfies OptionTable;

const COMMAND: CommandDefinition<typeof TABLE> = {
  name: "test",
  usage: ["IN [options]", "IN... --out DIR"],
  about: "Does nothing.",
  options: TABLE,
};

const values = (...args: string[]): OptionValues<typeof TABLE> => parseOptions(args, TABLE).values;
const refused = (args: string[], pattern: RegExp) =>
  throws(() => values(...args), (error) => error instanceof UsageError && pattern.test(error.message));

Deno.test("parseOptions() separates options and names, and reads each value by its kind", () => {
  const { values: read, rest } = parseOptions(["a b.mp4", "--factor", "4", "--keep-still", "out%d.mp4"], TABLE);
  equal([read.factor, read.keepStill, read.cuts, read.audio], [rational(4), true, undefined, undefined]);
  equal(rest, ["a b.mp4", "out%d.mp4"]);
  equal(parseOptions(["--", "-lead.mp4", "7"], TABLE).rest, ["-lead.mp4", "7"]);
  equal([values("--cut-threshold", "3").cuts, values("--cut-threshold=0").cuts, values("--no-cuts").cuts], [
    3,
    0,
    false,
  ]);
  equal(values("--audio", "drop").audio, "drop");
});

Deno.test("parseOptions() rejects unknown options, missing and wrong values, and options that exclude each other", () => {
  refused(["--facter", "2"], /--factor\?/);
  refused(["--zzz"], /see --help/);
  refused(["-lead.mp4"], /\.\/-lead\.mp4/);
  refused(["--factor"], /--factor needs a value: --factor N/);
  refused(["--factor", "-2"], /`factor` must be .*got "-2"/);
  refused(["--audio", "loud"], /one of keep, drop, got "loud"/);
  refused(["--factor", "2", "--fps", "60"], /--factor and --fps cannot be combined/);
  refused(["--no-cuts", "--cut-threshold", "2"], /--cut-threshold and --no-cuts cannot be combined/);
});

Deno.test("parseCommand() shows the help if requested", () => {
  const lines: string[] = [], io = { out: (line: string) => void lines.push(line) };
  equal(parseCommand(COMMAND, ["-h"], io), undefined);
  equal(parseCommand(COMMAND, ["a", "--help"], io), undefined);
  equal(lines, [helpText(COMMAND), helpText(COMMAND)]);
  equal(parseCommand(COMMAND, ["a"], io)?.rest, ["a"]);
});

Deno.test("parseOptionsOnly() refuses names", () => {
  const io = { out: () => {} };
  equal(parseOptionsOnly(COMMAND, ["--audio", "drop"], io)?.audio, "drop");
  throws(() => parseOptionsOnly(COMMAND, ["a"], io), { name: "UsageError", message: /takes options only, got "a"/ });
});

Deno.test("helpText() lists every option once, by group, with choices and default", () => {
  const text = helpText(COMMAND);
  for (const flag of ["factor", "fps", "cut-threshold", "no-cuts", "audio", "keep-still", "help"]) {
    equal(text.match(new RegExp(`^ {2}--${flag}\\b`, "gm"))?.length, 1, flag);
  }
  match(text, /^Usage: deno task test IN \[options\]\n {7}deno task test IN\.\.\. --out DIR\n\nDoes nothing\.\n/);
  match(text, /--audio MODE +Copy audio or drop it: keep, drop \(default: keep\)\n/);
  match(text, /--fps F +Output F frames per second, not with --factor\n/);
  match(text, /Content:\n {2}--cut-threshold X/);
  ok(text.split("\n").every((line) => line.length <= 100));
  equal([...optionLines(COMMAND).keys()], ["Other", "Content"]);
});

Deno.test("withFlags() replaces known options by flags, and keeps other text in backticks", () => {
  equal(withFlags("set `keepStill` or `cuts`", TABLE), "set --keep-still or --cut-threshold");
  equal(
    withFlags("run `deno task doctor`; `use` and `toString` stay", TABLE),
    "run `deno task doctor`; `use` and `toString` stay",
  );
});
