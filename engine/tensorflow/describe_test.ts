import { deepStrictEqual as equal, match } from "node:assert/strict";
import { describeTensorflow } from "./describe.ts";
import { LIBRARY, testOnTensorflow } from "./_testing.ts";

Deno.test("describeTensorflow() names the command that installs the library", async () => {
  const [library, ...others] = await describeTensorflow((name) =>
    name === "SLOMO_LIBTENSORFLOW" ? "/nowhere.so" : undefined
  );
  equal([library?.state, others], ["missing", []]);
  match(`${library?.found}`, /^tensorflow: cannot load \/nowhere\.so/);
  match(`${library?.fix}`, /deno task setup/);
});

testOnTensorflow("describeTensorflow() checks the library, GPUs, a convolution and a matrix product", async () => {
  const findings = await describeTensorflow((name) => name === "SLOMO_LIBTENSORFLOW" ? LIBRARY.path : undefined);
  equal(findings.map(({ what }) => what.replace(/CPU|GPU$/, "X").replace("on GPU", "on X")), [
    "tensorflow library",
    "tensorflow X",
    "tensorflow on X computes correctly",
    "tensorflow on X is fast",
  ]);
  equal(findings[2]?.state, "ok");
});
