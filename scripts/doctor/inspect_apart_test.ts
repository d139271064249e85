import { deepStrictEqual as equal, match } from "node:assert/strict";
import { inspectApart } from "./inspect_apart.ts";

Deno.test("inspectApart() returns the findings of a script in its own process", async () => {
  const [finding, ...others] = await inspectApart("backend cpu", "backend", "cpu");
  equal([finding?.what, finding?.state, others], ["backend cpu", "ok", []]);
});

Deno.test("inspectApart() names the part whose process ends without findings", async () => {
  const [finding] = await inspectApart("backend abacus", "no_such_script");
  equal([finding?.what, finding?.state], ["backend abacus", "missing"]);
  match(`${finding?.found}`, /crashes the process/);
});
