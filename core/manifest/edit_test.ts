import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../errors.ts";
import { addPlugin, removePlugin } from "./edit.ts";

const manifest = (plugins: string) =>
  `{
  // what runs
  "plugins": ${plugins}, /* and */
  "use": { "interpolator": { "name": "x" }, "warp": {"name":"w"},   // odd layout
    "media": { "name": "y" } }
}
`;

const LINES = `[
    "./a.ts", // first
    // on its own
    /* two */ "./b.ts" /* b, [ */ , // second
    "./c.ts" // third, last
  ]`;

/** Lists before and after adding a plugin. */
const ADDED: readonly [before: string, after: string][] = [
  ['["./a.ts"]', '["./a.ts", "jsr:@a/b@1"]'],
  ['[ "./a.ts", "./b.ts", ]', '[ "./a.ts", "./b.ts", "jsr:@a/b@1", ]'],
  [LINES, LINES.replace('"./c.ts" // third, last', '"./c.ts", // third, last\n    "jsr:@a/b@1"')],
  ['[\n\t"./a.ts", // a\n\t]', '[\n\t"./a.ts", // a\n\t"jsr:@a/b@1",\n\t]'],
  ['[\r\n    "./a.ts"\r\n  ]', '[\r\n    "./a.ts",\r\n    "jsr:@a/b@1"\r\n  ]'],
  ['[\n    "./a.ts" // a\n    // the end\n  ]', '[\n    "./a.ts", // a\n    "jsr:@a/b@1"\n    // the end\n  ]'],
];

const REMOVED: readonly [specifier: string, before: string, after: string][] = [
  ["./a.ts", '["./a.ts", "./b.ts"]', '["./b.ts"]'],
  ["./b.ts", '["./a.ts", "./b.ts"]', '["./a.ts"]'],
  ["./b.ts", '[ "./a.ts", "./b.ts", ]', '[ "./a.ts", ]'],
  ["./a.ts", LINES, LINES.replace('\n    "./a.ts", // first', "")],
  ["./b.ts", LINES, LINES.replace('\n    /* two */ "./b.ts" /* b, [ */ , // second', "")],
  ["./c.ts", LINES, LINES.replace('/* b, [ */ , // second\n    "./c.ts" // third, last', "/* b, [ */  // second")],
  ["./b.ts", '[\n    "./a.ts",\n    "./b.ts",\n  ]', '[\n    "./a.ts",\n  ]'],
];

Deno.test("addPlugin() adds a line or a word, and keeps comments, order and layout", () => {
  for (const [before, after] of ADDED) {
    equal(addPlugin(manifest(before), "slomo.json", "jsr:@a/b@1"), manifest(after));
  }
});

Deno.test("removePlugin() removes a plugin and its line, and keeps the rest", () => {
  for (const [specifier, before, after] of REMOVED) {
    equal(removePlugin(manifest(before), "slomo.json", specifier), manifest(after));
  }
});

Deno.test("addPlugin() and removePlugin() refuse invalid edits and name the file", () => {
  const refuses = (run: () => string, ...parts: string[]) =>
    throws(run, (error) => error instanceof UsageError && parts.every((part) => error.message.includes(part)));
  const one = manifest('["./a.ts"]');
  refuses(() => addPlugin(one, "m.json", "./a.ts"), "m.json", "./a.ts", "already");
  refuses(() => addPlugin("{", "m.json", "./a.ts"), "m.json", "JSON");
  refuses(() => removePlugin(one, "m.json", "./b.ts"), "m.json", "./b.ts", "./a.ts");
  refuses(() => removePlugin(one, "m.json", "./a.ts"), "only plugin");
});
