import assert from "node:assert/strict";
import { testEachFfmpeg, testFfmpegs } from "../_testing.ts";
import { tryEncoders } from "./encoders.ts";

testEachFfmpeg(
  await testFfmpegs(),
  "tryEncoders() distinguishes encoders that work from those that are only listed",
  async (tools) => {
    const reports = new Map((await tryEncoders(tools)).map(({ name, why }) => [name, why]));
    assert.ok(reports.has("libx264") && reports.get("libx264") === undefined);
    assert.equal(reports.get("prores_ks"), undefined);
    for (const why of reports.values()) assert.doesNotMatch(why ?? "", /\n/);
  },
);
