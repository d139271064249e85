import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { cpuBackend } from "../backends/cpu/mod.ts";
import { tensorflowBackend } from "./backend.ts";
import { difference, type OpResult, runCase, testOnTensorflow } from "./_testing.ts";
import { OP_CASES } from "./fixtures/op_cases.ts";

testOnTensorflow("tensorflow computes every op that slomo uses, and its gradient, correctly", async (t) => {
  const tensorflow = await tensorflowBackend.open();
  const results: OpResult[] = [], tensors = tf.memory().numTensors;
  for (const opCase of OP_CASES) {
    await t.step(`${opCase.name}: gradient by finite differences`, () => {
      const result = runCase(opCase);
      results.push(result);
      const error = Math.abs(result.slope - result.gradientSlope) / Math.max(1, Math.abs(result.slope));
      ok(
        error < (opCase.kinks ? 5e-2 : 1e-2),
        `${result.gradientSlope} by the gradient, ${result.slope} by differences`,
      );
      equal(tf.memory().numTensors, tensors);
    });
  }
  await tensorflow.close();
  const cpu = await cpuBackend.open();
  for (const [i, opCase] of OP_CASES.entries()) {
    await t.step(`${opCase.name}: as on cpu`, () => {
      const result = results[i]!, { cpuGradient = true, gradient = true } = opCase;
      const expected = runCase({ ...opCase, gradient: gradient && cpuGradient });
      equal(result.value[0], expected.value[0]);
      ok(difference(result.value[1], expected.value[1]) < 2e-5);
      expected.gradients.forEach((gradient, k) => ok(difference(result.gradients[k]!, gradient) < 5e-5, `input ${k}`));
    });
  }
  await cpu.close();
});
