import assert from "node:assert/strict";
import { scanSource } from "./scan_source.ts";

const importsOf = (text: string) => scanSource("a.ts", text).imports;
const codeOf = (text: string) => scanSource("a.ts", text).code;
const literalsOf = (text: string) => scanSource("a.ts", text).literals;

Deno.test("scanSource() finds all forms of imports, and ignores comments", () => {
  const text = `import a from "a"; // import b from "b"
    export * from 'c'; import type { D } from "d";
    /* from "e" */ const url = "http://x"; await import("f"); import "g";
    import {
      h,
    } from "h";
    export type { I } from "i"; let j: typeof import("j"); import(/* why */ "k");`;
  assert.deepEqual(importsOf(text), ["a", "c", "d", "f", "g", "h", "i", "j", "k"]);
});

Deno.test("scanSource() ignores imports in strings, templates and regular expressions", () => {
  for (
    const text of [
      'const text = `import x from "x";`;',
      "const text = 'import \"x\"';",
      'const text = `${of(`${1}`)} import "x"; ${{ a: "}" }.a} from "x"`;',
      'const pattern = /["\'`]/; // from "x"',
      'Array.from("x")',
    ]
  ) assert.deepEqual(importsOf(text), [], text);
  assert.deepEqual(importsOf('const a = /["`]/, b = 1 / 2; export * from "x"; const c = a / b; import "y";'), [
    "x",
    "y",
  ]);
  assert.deepEqual(importsOf('const a = `${b ? `{` : "}"}`; await import("x")'), ["x"]);
});

Deno.test("scanSource() replaces comments by spaces, and keeps strings and lines", () => {
  assert.equal(codeOf(`a("//x"); // y\nb`), `a("//x");     \nb`);
  assert.equal(codeOf("a /* b\nc */ d"), "a     \n     d");
  assert.equal(codeOf("/\\/\\/[/*]/.test(a)"), "/\\/\\/[/*]/.test(a)");
});

Deno.test("scanSource() returns string literals and the literal parts of templates", () => {
  assert.deepEqual(literalsOf('a("b", \'c\', `d${e("f")}g`); // "h"'), ["b", "c", "d", "f", "g"]);
});
