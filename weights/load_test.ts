import { deepStrictEqual as equal, throws } from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { ParameterSpec } from "../core/contracts/tensors.ts";
import type { WeightsFacts } from "../core/contracts/weights.ts";
import { UsageError } from "../core/errors.ts";
import { loadParameters } from "./load.ts";
import { openWeights, readWeights, writeWeights } from "./weights_file.ts";

const FACTS: WeightsFacts = {
  version: 1,
  flowEstimator: { name: "super-slomo", options: { width: 0.5 } },
  pixelRange: [0, 1],
  mean: [0, 0, 0],
};
const spec = (name: string, ...shape: number[]): ParameterSpec => ({ name, shape, init: { kind: "zeros" } });
const SPECS = [spec("conv.weight", 1, 1, 2, 2), spec("conv.bias", 2)];
const BYTES = writeWeights(
  FACTS,
  new Map([
    ["flow.conv.weight", { shape: [1, 1, 2, 2], values: new Float32Array([1, 2, 3, 4]) }],
    ["flow.conv.bias", { shape: [2], values: new Float32Array([5, 6]) }],
    ["interpolation.other", { shape: [1], values: new Float32Array(1) }],
  ]),
  "F16",
);

const refuses = (specs: readonly ParameterSpec[], message: RegExp) => {
  const before = tf.memory().numTensors;
  throws(
    () => loadParameters(specs, "flow", openWeights(BYTES, "w.st"), { name: "super-slomo", options: { width: 1 } }),
    (error) => {
      equal(error instanceof UsageError, true);
      const text = (error as Error).message;
      equal(message.test(text), true, text);
      equal(text.startsWith('w.st does not fit super-slomo {"width":1}: '), true, text);
      equal(text.includes('the file is for super-slomo {"width":0.5}'), true, text);
      return true;
    },
  );
  equal(tf.memory().numTensors, before);
};

Deno.test("loadParameters() returns a part's tensors by their names after the prefix", async () => {
  await tf.setBackend("cpu");
  const parameters = loadParameters(SPECS, "flow", BYTES);
  equal(Object.keys(parameters), ["conv.weight", "conv.bias"]);
  equal(parameters["conv.weight"]!.shape, [1, 1, 2, 2]);
  equal([...parameters["conv.bias"]!.dataSync()], [5, 6]);
  tf.dispose(parameters);
});

Deno.test("loadParameters() names tensors that are missing, unknown or have another shape, and both architectures", async () => {
  await tf.setBackend("cpu");
  refuses([SPECS[0]!, spec("conv.bias", 4)], /tensor "flow\.conv\.bias" must be \[4\] and is \[2\]/);
  refuses([...SPECS, spec("output", 1)], /it lacks flow\.output/);
  refuses([SPECS[0]!], /it has flow\.conv\.bias, which the part does not use/);
  refuses(["a", "b", "c", "d", "e"].map((name) => spec(name, 1)), /it lacks flow\.a, flow\.b, flow\.c and 2 more/);
});

Deno.test("loadParameters() rejects a file without the part", async () => {
  await tf.setBackend("cpu");
  throws(
    () => loadParameters([spec("conv.weight", 1)], "interpolation", BYTES),
    /does not fit the interpolator: .*for no such part/,
  );
});

Deno.test("readWeights() and openWeights() return the facts passed to writeWeights()", async () => {
  equal(openWeights(BYTES).facts, FACTS);
  equal((await readWeights(new Blob([BYTES]).stream(), "w.st")).facts, FACTS);
});

Deno.test("loadParameters() reads from shared memory", async () => {
  await tf.setBackend("cpu");
  const shared = new Uint8Array(new SharedArrayBuffer(BYTES.length));
  shared.set(BYTES);
  const parameters = loadParameters(SPECS, "flow", shared);
  equal([...parameters["conv.weight"]!.dataSync()], [1, 2, 3, 4]);
  tf.dispose(parameters);
});
