/** The codes of errors are documented and used. */
import { JOB_ERRORS, USAGE_ERRORS } from "@slomo/core";
import { deepEqual as equal } from "node:assert/strict";
import { isTest, readSources } from "../scripts/checks/_source.ts";
import { inRepo } from "./_tools.ts";

const CODES: Readonly<Record<string, string>> = { ...USAGE_ERRORS, ...JOB_ERRORS };

Deno.test("docs/library.md lists the code of every error and its meaning", async () => {
  const page = await Deno.readTextFile(inRepo("docs/library.md"));
  const section = page.split("### Codes\n")[1]!.split("\n## ")[0]!;
  const rows = [...section.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map(([, code, meaning]) => [code, meaning]);
  equal(rows, Object.entries(CODES));
});

Deno.test("every code of an error is used", async () => {
  const sources = (await readSources(inRepo("."))).filter(({ path }) => !isTest(path));
  const literals = sources.flatMap(({ literals }) => literals);
  // The definition is one use.
  equal(Object.keys(CODES).filter((code) => literals.filter((literal) => literal === code).length < 2), []);
});
