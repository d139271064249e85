import assert from "node:assert/strict";
import { parseArgs } from "@std/cli/parse-args";

function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("parseArgs() keeps text of string options and makes numbers of the rest", () => {
  const args = parseArgs(["--fps", "24000/1001", "--crf=18", "in.mp4", "12"], { string: ["fps"] });
  assert.deepEqual(plain(args), { _: ["in.mp4", 12], fps: "24000/1001", crf: 18 });
  const fps: string | undefined = args.fps;
  assert.equal(fps, "24000/1001");
  assert.deepEqual(parseArgs(["12", "0x10", " "], { string: ["_"] })._, ["12", "0x10", " "]);
  assert.deepEqual(parseArgs(["1e3", "0x10", " ", "-"])._, [1000, 16, " ", "-"]);
});

Deno.test("parseArgs() gives booleans false by default and takes only true or false after them", () => {
  const options = { boolean: ["json", "quiet"] } as const;
  assert.deepEqual(plain(parseArgs(["--json", "in.mp4"], options)), { _: ["in.mp4"], json: true, quiet: false });
  assert.deepEqual(plain(parseArgs(["--json", "false", "--quiet=no"], options)), { _: [], json: false, quiet: true });
  const json: boolean = parseArgs([], options).json;
  assert.equal(json, false);
  assert.equal(parseArgs(["--all", "x"], { boolean: true })["all"], true);
});

Deno.test("parseArgs() does not take an option as the value of the one before", () => {
  assert.deepEqual(plain(parseArgs(["--factor", "-2"], { string: ["factor"] })), { _: [], factor: "", "2": true });
  assert.equal(parseArgs(["--factor=-2"], { string: ["factor"] }).factor, "-2");
});

Deno.test("parseArgs() collects options given many times and lets the last one win elsewhere", () => {
  const args = parseArgs(["--in", "a", "--in", "b", "--x", "1", "--x", "2"], {
    string: ["in", "none", "x"],
    collect: ["in", "none"],
  });
  assert.deepEqual(plain(args), { _: [], in: ["a", "b"], none: [], x: "2" });
  const all: string[] = args.in;
  assert.equal(all.length, 2);
});

Deno.test("parseArgs() negates only what is negatable", () => {
  const options = { boolean: ["cuts"], negatable: ["cuts"], default: { cuts: true } } as const;
  assert.equal(parseArgs(["--no-cuts"], options).cuts, false);
  assert.equal(parseArgs([], options).cuts, true);
  assert.deepEqual(plain(parseArgs(["--no-sound"], { boolean: ["sound"] })), {
    _: [],
    sound: false,
    "no-sound": true,
  });
});

Deno.test("parseArgs() sets every name of an option, defaults too", () => {
  const options = { alias: { help: ["h", "?"], out: "o" }, boolean: ["help"], default: { out: "x" } } as const;
  assert.deepEqual(plain(parseArgs(["-h", "a"], options)), {
    _: ["a"],
    help: true,
    h: true,
    "?": true,
    out: "x",
    o: "x",
  });
  assert.equal(parseArgs(["-o", "b"], options).out, "b");
});

Deno.test("parseArgs() reads letters together, with a number and with a value", () => {
  const short = (...args: string[]) => plain(parseArgs(args, { boolean: ["v"] }));
  assert.deepEqual(short("-av", "x"), { _: ["x"], a: true, v: true });
  assert.deepEqual(short("-n5"), { _: [], n: 5, v: false });
  assert.deepEqual(short("-o=x"), { _: [], o: "x", v: false });
  assert.deepEqual(short("-o/tmp"), { _: [], o: "/tmp", v: false });
  assert.deepEqual(short("-a-"), { _: [], a: "-", v: false });
  assert.deepEqual(short("-o", "x"), { _: [], o: "x", v: false });
});

Deno.test("parseArgs() tells of unknown arguments and leaves refused ones out", () => {
  const seen: unknown[] = [];
  const args = parseArgs(["a", "--bad=1", "-x", "--good", "y"], {
    string: ["good"],
    unknown: (...call) => {
      seen.push(call);
      return call.length === 1;
    },
  });
  assert.deepEqual(plain(args), { _: ["a"], good: "y" });
  assert.deepEqual(seen, [["a"], ["--bad=1", "bad", "1"], ["-x", "x", true]]);
});

Deno.test("parseArgs() stops at the first other argument with stopEarly", () => {
  assert.deepEqual(plain(parseArgs(["-a", "--b=1", "run", "--c"], { stopEarly: true, boolean: ["a"] })), {
    _: ["run", "--c"],
    a: true,
    b: 1,
  });
});

Deno.test("parseArgs() leaves what follows two dashes alone", () => {
  assert.deepEqual(plain(parseArgs(["a", "--", "--b", "1"])), { _: ["a", "--b", "1"] });
  assert.deepEqual(plain(parseArgs(["a", "--", "--b", "1"], { "--": true })), { _: ["a"], "--": ["--b", "1"] });
});
