import { deepStrictEqual as equal } from "node:assert/strict";
import { mayHaveGpu } from "./gpu_nodes.ts";

Deno.test({
  name: "mayHaveGpu() looks for device files on Linux",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    equal([mayHaveGpu(["/nowhere", "/dev/null"]), mayHaveGpu(["/nowhere"]), mayHaveGpu([])], [true, false, false]),
});
