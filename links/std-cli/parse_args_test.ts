/** The cases of std's own tests, except nested names. They pass with the stand-in and with the real package. */
import assert from "node:assert/strict";
import { parseArgs } from "@std/cli/parse-args";

type Options = Parameters<typeof parseArgs>[1];
type Case = readonly [args: string, expected: Record<string, unknown>, options?: Options];

/** Registers one test that parses each line of arguments, split at spaces. `_` is empty unless a case sets it. */
function parses(name: string, cases: readonly Case[]): void {
  Deno.test(`parseArgs() ${name}`, () => {
    for (const [line, expected, options] of cases) {
      const args = line === "" ? [] : line.split(" ");
      assert.deepEqual({ ...parseArgs(args, options) }, { _: [], ...expected }, `parseArgs(${JSON.stringify(args)})`);
    }
  });
}

parses("takes a value after the name or behind an equals sign", [
  ["--codec h264", { codec: "h264" }],
  ["--codec=h264", { codec: "h264" }],
  ["--host here --port 555", { host: "here", port: 555 }],
  ["--host=here --port=555", { host: "here", port: 555 }],
  ["--map=a=b", { map: "a=b" }],
  ["--x=---=\\n--+34-=/=", { x: "---=\\n--+34-=/=" }],
  ["--verbose", { verbose: true }],
  ["--a --b c", { a: true, b: "c" }],
  ["--toString --valueOf out", { toString: true, valueOf: "out" }],
]);

parses("reads an empty value behind an equals sign", [
  ["--fps=", { fps: "" }],
  ["--fps=", { fps: "" }, { string: "fps" }],
  ["-abc=", { a: true, b: true, c: "" }],
]);

parses("parses numeric values as numbers, unless the option is a string", [
  ["-x 1234 -y 5.67 -z 1e7 -w 10f --hex 0xdeadbeef 789", {
    x: 1234,
    y: 5.67,
    z: 1e7,
    w: "10f",
    hex: 0xdeadbeef,
    _: [789],
  }],
  ["-s 0001234 -x 56", { s: "0001234", x: "56" }, { string: ["s", "x"] }],
  ["--fps 24000/1001 --crf=18 in.mp4 12", { fps: "24000/1001", crf: 18, _: ["in.mp4", 12] }, { string: ["fps"] }],
  ["1e3 0x10 -", { _: [1000, 16, "-"] }],
  ["12 0x10", { _: ["12", "0x10"] }, { string: ["_"] }],
]);

Deno.test("parseArgs() keeps white space and line breaks in values", () => {
  assert.equal(parseArgs(["-x", "\t"])["x"], "\t");
  assert.equal(parseArgs(["-s", "a\nb"])["s"], "a\nb");
  assert.equal(parseArgs(["--s=a\nb"])["s"], "a\nb");
  assert.deepEqual(parseArgs(["  ", "  "], { string: "_" })._, ["  ", "  "]);
  assert.deepEqual(parseArgs(["12", " "])._, [12, " "]);
});

parses("gives a string without a value the empty string", [
  ["-s", { s: "" }, { string: "s" }],
  ["--str", { str: "" }, { string: "str" }],
  ["-art", { a: "", r: true, t: "" }, { string: ["a", "t"] }],
  ["--factor -2", { factor: "", 2: true }, { string: ["factor"] }],
  ["--factor=-2", { factor: "-2" }, { string: ["factor"] }],
]);

parses("gives booleans false by default and takes only true or false after them", [
  ["-x -z one two", { x: true, y: false, z: true, _: ["one", "two"] }, { boolean: ["x", "y", "z"] }],
  ["-t moo", { t: true, _: ["moo"] }, { boolean: "t" }],
  ["--json in.mp4", { json: true, quiet: false, _: ["in.mp4"] }, { boolean: ["json", "quiet"] }],
  ["--json false --quiet=no", { json: false, quiet: true }, { boolean: ["json", "quiet"] }],
  ["--verbose false moo -t true", { verbose: false, t: true, _: ["moo"] }, {
    boolean: ["t", "verbose"],
    default: { verbose: true },
  }],
  ["--on=true", { on: true }, { boolean: "on", default: { on: false } }],
  ["--on=false", { on: false }, { boolean: "on", default: { on: true } }],
  ["-t true123", { t: true, _: ["true123"] }, { boolean: "t" }],
  ["-t false123", { t: true, _: ["false123"] }, { boolean: "t" }],
  ["-t 123", { t: true, _: [123] }, { boolean: "t" }],
  ["--on --other=true", { on: true, other: "true" }, { boolean: "on" }],
  ["--on --other=false", { on: true, other: "false" }, { boolean: "on" }],
]);

parses("with boolean: true, takes every long option without an equals sign as a boolean", [
  ["moo --honk cow", { honk: true, _: ["moo", "cow"] }, { boolean: true }],
  ["moo --honk cow -p 55 --tacos=good", { honk: true, tacos: "good", p: 55, _: ["moo", "cow"] }, { boolean: true }],
]);

parses("uses defaults for absent options only", [
  ["moo", { verbose: false, t: true, _: ["moo"] }, {
    boolean: ["t", "verbose"],
    default: { verbose: false, t: true },
  }],
  ["", { maybe: null }, { boolean: "maybe", default: { maybe: null } }],
  ["--maybe", { maybe: true }, { boolean: "maybe", default: { maybe: null } }],
  ["", { foo: ["bar", "baz"] }, { collect: ["foo"], default: { foo: ["bar", "baz"] } }],
]);

parses("sets every name of an option, by value, default and type", [
  ["-f 11 --zoom 55", { f: 11, z: 55, zoom: 55 }, { alias: { z: "zoom" } }],
  ["-f 11 --zoom 55", { f: 11, z: 55, zm: 55, zoom: 55 }, { alias: { z: ["zm", "zoom"] } }],
  ["--str 000123", { s: "000123", str: "000123" }, { string: "s", alias: { s: "str" } }],
  ["-s 000123", { s: "000123", str: "000123" }, { string: "str", alias: { str: "s" } }],
  ["", { bar: false, b: false }, { string: ["foo"], boolean: ["bar"], alias: { bar: "b" } }],
  ...["-h file", "--herp file"].flatMap((line): Case[] => [
    [line, { h: true, herp: true, _: ["file"] }, { boolean: "herp", alias: { h: "herp" } }],
    [line, { h: true, herp: true, harp: true, _: ["file"] }, { boolean: "h", alias: { h: ["herp", "harp"] } }],
  ]),
  ["--harp file", { h: true, herp: true, harp: true, _: ["file"] }, {
    boolean: "h",
    alias: { h: ["herp", "harp"] },
  }],
  ["-h true", { h: true, herp: true }, { boolean: "h", alias: { h: "herp" } }],
  ["--herp true", { h: true, herp: true }, { boolean: "h", alias: { h: "herp" } }],
  ["-h a", { help: true, h: true, "?": true, out: "x", o: "x", _: ["a"] }, {
    boolean: ["help"],
    alias: { help: ["h", "?"], out: "o" },
    default: { out: "x" },
  }],
  ["-o b", { out: "b", o: "b" }, { alias: { out: "o" }, default: { out: "x" } }],
]);

parses("reads letters behind one hyphen", [
  ["-b", { b: true }],
  ["-b=123", { b: 123 }],
  ["-a=what -b=ever", { a: "what", b: "ever" }],
  ["-f=abc=def", { f: "abc=def" }],
  ["-e==", { e: "=" }],
  ["-cats", { c: true, a: true, t: true, s: true }],
  ["-cats meow", { c: true, a: true, t: true, s: "meow" }],
  ["-h here -fp 555 script.ts", { h: "here", f: true, p: 555, _: ["script.ts"] }],
  ["-n123", { n: 123 }],
  ["-123 456", { 1: true, 2: true, 3: 456 }],
  ["-I/foo/bar", { I: "/foo/bar" }],
  ["-xyz/foo/bar", { x: true, y: true, z: "/foo/bar" }],
  ["-av x", { a: true, v: true, _: ["x"] }, { boolean: ["v"] }],
  ["-v a -v b -v c", { v: "c" }],
]);

parses("accepts a single hyphen as a value or an argument", [
  ["-n -", { n: "-" }],
  ["-", { _: ["-"] }],
  ["-f-", { f: "-" }],
  ["-b -", { b: true, _: ["-"] }, { boolean: "b" }],
  ["-s -", { s: "-" }, { string: "s" }],
]);

parses("does not parse arguments after two hyphens", [
  ["-a -- b", { a: true, _: ["b"] }],
  ["--a -- b", { a: true, _: ["b"] }],
  ["a -- --b 1", { _: ["a", "--b", "1"] }],
  ["--name John before -- --after 1", { name: "John", _: ["before"], "--": ["--after", "1"] }, { "--": true }],
]);

parses("negates only negatable options; the last one takes precedence", [
  ["--no-moo", { "no-moo": true }],
  ["--no-sound", { sound: false, "no-sound": true }, { boolean: ["sound"] }],
  ["", { cuts: true }, { boolean: ["cuts"], negatable: ["cuts"], default: { cuts: true } }],
  ...([
    ["--no-foo", false],
    ["--foo --no-foo", false],
    ["--no-foo --foo", true],
    ["--no-foo --foo --no-foo", false],
    ["--foo --no-foo --foo", true],
  ] as const).flatMap(([line, foo]): Case[] => [
    [line, { foo }, { boolean: ["foo"], negatable: "foo" }],
    [`${line} 123`, { foo, _: [123] }, { boolean: ["foo"], negatable: ["foo"] }],
  ]),
  ["--foo 123 -f 456 --no-foo", { foo: false, f: false }, {
    string: ["foo"],
    collect: ["foo"],
    negatable: ["foo"],
    alias: { foo: "f" },
  }],
]);

parses("collects options that are given several times, and elsewhere lets the last one win", [
  ["--foo bar --foo baz --on --on", { foo: "baz", on: true }],
  ["--foo 123 --foo 345", { foo: [123, 345] }, { collect: "foo" }],
  ["--foo a --foo b --beep c --bib --bib", { foo: "b", beep: ["c"], bib: [true, true] }, { collect: ["beep", "bib"] }],
  ["--in a --in b --x 1 --x 2", { in: ["a", "b"], none: [], x: "2" }, {
    string: ["in", "none", "x"],
    collect: ["in", "none"],
  }],
  ["--on --on --ons --s foo --ss beep --u --us", {
    on: true,
    b: true,
    ons: [true],
    B: [true],
    s: "foo",
    ss: ["beep"],
    S: ["beep"],
    u: true,
    us: [true],
  }, {
    boolean: ["on", "ons"],
    string: ["s", "ss"],
    collect: ["ons", "ss", "us"],
    alias: { on: "b", ss: "S", ons: "B" },
  }],
  ["--header abc --header def", { H: ["abc", "def"], header: ["abc", "def"] }, {
    collect: ["header"],
    alias: { H: "header" },
  }],
]);

parses("stops at the first other argument with stopEarly", [
  ["--aaa bbb ccc --ddd", { aaa: "bbb", _: ["ccc", "--ddd"] }, { stopEarly: true }],
  ["-a --b=1 run --c", { a: true, b: 1, _: ["run", "--c"] }, { stopEarly: true, boolean: ["a"] }],
]);

parses("does not let an option change the prototype", [
  ["--__proto__ yes", {}],
  ["--constructor yes", {}],
]);

Deno.test("parseArgs() calls unknown() for unnamed arguments and leaves refused ones out", () => {
  const calls = (line: string, options: Options, result: unknown = false) => {
    const seen: unknown[] = [];
    const unknown = (...call: unknown[]) => {
      seen.push(call.filter((value) => value !== undefined));
      return result;
    };
    const args = parseArgs(line.split(" "), { ...options, unknown });
    return [seen, { ...args }];
  };
  assert.deepEqual(calls("a --bad=1 -x --good y", { string: ["good"] }), [
    [["a"], ["--bad=1", "bad", "1"], ["-x", "x", true]],
    { good: "y", _: [] },
  ]);
  assert.deepEqual(calls("a --odd=1", {}, null), [[["a"], ["--odd=1", "odd", "1"]], { odd: 1, _: ["a"] }]);
  assert.deepEqual(calls("-h true --derp true", { alias: { h: "herp" }, boolean: "h" })[0], [[
    "--derp",
    "derp",
    "true",
  ]]);
  assert.deepEqual(calls("--herp true -d false", { alias: { h: "herp" }, boolean: "h" })[0], [["-d", "d", "false"]]);
  assert.deepEqual(calls("-h hello --derp bye", { alias: { h: "herp" }, string: "h" })[0], [["--derp", "derp", "bye"]]);
  assert.deepEqual(calls("--herp hello -d moon", { alias: { h: "herp" }, string: "h" })[0], [["-d", "d", "moon"]]);
  for (const line of ["-h hello", "--herp hello"]) {
    assert.deepEqual(calls(line, { alias: { h: "herp" }, default: { h: "bar" } })[0], []);
  }
  assert.deepEqual(calls("--honk --tacos=good cow -p 55", { boolean: true }), [
    [["--tacos=good", "tacos", "good"], ["cow"], ["-p", "p", "55"]],
    { honk: true, _: [] },
  ]);
  assert.deepEqual(calls("--bad -- good arg", { "--": true }), [
    [["--bad", "bad", true]],
    { _: [], "--": ["good", "arg"] },
  ]);
  assert.deepEqual(calls("--foo=bar", { collect: ["foo"] })[0], []);
  assert.deepEqual(calls("--foo=bar --qux=baz", { collect: ["foo"] })[0], [["--qux=baz", "qux", "baz"]]);
});

Deno.test("parseArgs() types its result by the options", () => {
  const line: readonly string[] = ["--fps", "24", "--json", "--in", "a", "x"];
  const args = parseArgs(line, { string: ["fps", "in"], boolean: ["json", "cuts"], collect: ["in"] });
  const fps: string | undefined = args.fps, json: boolean = args.json, inputs: string[] = args.in;
  const rest: (string | number)[] = args._;
  assert.deepEqual([fps, json, inputs, rest], ["24", true, ["a"], ["x"]]);
});
