import { equal, match, ok } from "node:assert/strict";
import { testEachFfmpeg, testFfmpegs } from "../_testing.ts";
import { inspectFfmpeg } from "./inspect.ts";

testEachFfmpeg(
  await testFfmpegs(),
  "inspectFfmpeg() names the program, its version and the encoders that work",
  async (tools) => {
    const [program, encoders] = await inspectFfmpeg(() => Promise.resolve(tools));
    equal(program!.state, "ok");
    ok(program!.found.includes(tools.ffmpeg) && program!.found.includes(tools.version.text));
    match(encoders!.found, /libx264/);
  },
);

Deno.test("inspectFfmpeg() reports a missing ffmpeg and what to do", async () => {
  const [program] = await inspectFfmpeg(() => Promise.reject(new Error("no ffmpeg in the PATH")));
  equal(program!.state, "broken");
  match(program!.found, /no ffmpeg in the PATH/);
  match(program!.fix!, /`ffmpeg`/);
});
