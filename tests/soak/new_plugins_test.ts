/** The packages that `plugin new` writes have correct types. */
import { deepStrictEqual as equal } from "node:assert/strict";
import { KINDS } from "../../scripts/plugin/_names.ts";
import { task, withFolder } from "../_tools.ts";

Deno.test("plugin new writes packages without type errors", async () => {
  await withFolder(async (_, at) => {
    for (const kind of KINDS) {
      const { code, err } = await task("plugin", ["new", "@you/my-part", "--kind", kind, "--dir", at(kind), "--link"]);
      equal(code, 0, err);
    }
    // Once for all packages, because most of the time goes into slomo's types.
    const tests = KINDS.map((kind) => at(`${kind}/mod_test.ts`));
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", at(`${KINDS[0]}/deno.json`), ...tests],
      cwd: at(KINDS[0]),
      env: { NO_COLOR: "1" },
    }).output();
    equal(code, 0, new TextDecoder().decode(stderr));
  });
});
