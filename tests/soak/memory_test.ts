/** Memory over a long video, through the command line. */
import { equal } from "node:assert/strict";
import { inRepo } from "../_tools.ts";
import { testUnless } from "../_unless.ts";

testUnless(
  Deno.build.os === "linux" ? undefined : "memory can be read on Linux only",
  "memory at the end of 20,000 frames is within a fifth of that at the beginning",
  async () => {
    const args = ["run", "-A", inRepo("bench/soak.ts")];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    equal(code, 0, new TextDecoder().decode(stdout));
  },
);
