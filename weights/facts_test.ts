import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { JobError, UsageError } from "../core/errors.ts";
import { describeArchitecture, readFacts } from "./facts.ts";

const FACTS = { version: 1, pixelRange: [0, 1], mean: [0, 0, 0] };
const read = (slomo: unknown) =>
  readFacts({ metadata: { slomo: typeof slomo === "string" ? slomo : JSON.stringify(slomo) } }, "w.st");

Deno.test("readFacts() gives a file's description", () => {
  equal(read(FACTS), FACTS);
});

Deno.test("readFacts() accepts the old spelling of license", () => {
  equal(read({ ...FACTS, licence: "MIT" }), { ...FACTS, license: "MIT" });
});

Deno.test("readFacts() rejects files of other programs, damaged descriptions and other versions", () => {
  throws(() => readFacts({ metadata: { format: "pt" } }, "w.st"), (error) => {
    equal(error instanceof UsageError, true);
    equal((error as Error).message.includes("w.st is a safetensors file, but not a weights file of slomo"), true);
    return true;
  });
  throws(() => read("{"), JobError);
  throws(() => read({ ...FACTS, version: 2 }), /invalid at slomo\.version/);
  throws(() => read({ ...FACTS, mean: [0] }), /invalid at slomo\.mean/);
  throws(() => read({ ...FACTS, flowEstimator: { name: "x" } }), /invalid at slomo\.flowEstimator\.options/);
  throws(() => read({ ...FACTS, pixelrange: [0, 1] }), /invalid at slomo/);
});

Deno.test("describeArchitecture() returns part and options", () => {
  equal(describeArchitecture({ name: "a", options: { width: 1 } }), 'a {"width":1}');
  equal(describeArchitecture(undefined), "no such part");
});
