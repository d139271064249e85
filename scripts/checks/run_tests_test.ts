import { deepStrictEqual as equal } from "node:assert/strict";
import { ignoredTests } from "./run_tests.ts";

Deno.test("ignoredTests() finds the ignored tests of serial and parallel runs", () => {
  const output = [
    "running 2 tests from ./a_test.ts",
    "a() works ... ok (1ms)",
    "a() on webgpu: ignored, no GPU ... ignored (0ms)",
    "./b_test.ts => b(): ignored, it needs Linux ... ignored (2ms)",
  ].join("\n");
  equal(ignoredTests(output), ["a() on webgpu: ignored, no GPU", "b(): ignored, it needs Linux"]);
});
