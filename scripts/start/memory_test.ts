import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { memoryFlags, memoryVariables } from "./memory.ts";

Deno.test("memoryFlags() returns flags that Deno accepts, for long jobs only", async () => {
  const flags = memoryFlags("interpolate");
  ok(flags.length > 0);
  equal(memoryFlags("doctor"), []);
  const args = ["eval", ...flags, "console.log(7)"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  equal([code, new TextDecoder().decode(stdout).trim()], [0, "7"]);
  ok(!new TextDecoder().decode(stderr).match(/semi-space|heap-growing/));
});

Deno.test("memoryVariables() concern glibc and tasks that run native libraries", () => {
  equal(memoryVariables(true, "linux").MALLOC_MMAP_MAX_, "0");
  equal(memoryVariables(false, "linux"), {});
  equal(memoryVariables(true, "windows"), {});
});
