/** Every `@example` of a doc comment, and the code of pages without separate files, runs; `deno task check` checks its types. */
import { equal, ok } from "node:assert/strict";
import { inRepo } from "../_tools.ts";
import { isTest, readSources } from "../../scripts/checks/_source.ts";

Deno.test("every @example runs", async () => {
  const sources = await readSources(inRepo("."));
  const files = sources.filter(({ path, text }) => text.includes("@example") && !isTest(path)).map(({ path }) => path);
  ok(files.length > 5);
  const run = ["test", "-A", "--doc", "--no-check", "--parallel", "--quiet"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...run, ...files, "docs/library.md", "docs/contracts.md"],
    cwd: inRepo("."),
    env: { NO_COLOR: "1" },
  }).output();
  equal(code, 0, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
});
