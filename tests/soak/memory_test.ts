/** Memory over a long video, through the command line. */
import { equal } from "node:assert/strict";
import { inRepo } from "../_tools.ts";

const elsewhere = Deno.build.os === "linux" ? "" : " (passed over: what a process holds is read from Linux)";

Deno.test({
  name: `20,000 frames end with the memory that 2,000 held, within a fifth${elsewhere}`,
  ignore: elsewhere !== "",
  async fn() {
    const args = ["run", "-A", inRepo("bench/soak.ts")];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    equal(code, 0, new TextDecoder().decode(stdout));
  },
});
