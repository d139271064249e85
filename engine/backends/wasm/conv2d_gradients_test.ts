import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { BackendDefinition } from "../../backend.ts";
import { registerGradients } from "../../gradients.ts";
import { cpuBackend } from "../cpu/mod.ts";
import { wasmBackend } from "./mod.ts";

type Shape = [number, number, number, number];
type Pad = "same" | "valid" | tf.backend_util.ExplicitPadding;
type Case = readonly [x: Shape, filter: Shape, strides: number | [number, number], pad: Pad];

const CASES: readonly Case[] = [
  [[2, 7, 6, 3], [3, 3, 3, 4], 1, "same"],
  [[1, 9, 8, 2], [7, 5, 2, 3], 1, "same"],
  [[2, 8, 9, 3], [3, 2, 3, 2], 1, "valid"],
  [[1, 9, 10, 2], [3, 3, 2, 3], [2, 3], "same"],
  [[1, 4, 5, 6], [1, 1, 6, 1], 1, "valid"],
];

/** Cases of the gradient in the input: an even number of taps and explicit padding make a difference there. */
const INPUT_CASES: readonly Case[] = [
  ...CASES,
  [[1, 9, 8, 2], [4, 2, 2, 3], 1, "same"],
  [[1, 8, 9, 2], [3, 3, 2, 2], 1, [[0, 0], [2, 0], [1, 2], [0, 0]]],
  [[1, 8, 9, 2], [2, 2, 2, 2], 1, [[0, 0], [3, 3], [3, 3], [0, 0]]],
];

const wave = (shape: Shape, step: number) =>
  tf.reshape(tf.sin(tf.mul(tf.range(0, tf.util.sizeFromShape(shape)), step)), shape) as tf.Tensor4D;

/** Returns the gradient of a weighted sum of a convolution in its input or its filter. */
async function gradientOn(
  { open }: BackendDefinition,
  of: "input" | "filter",
  [x, filter, strides, pad]: Case,
): Promise<number[]> {
  const backend = await open(), before = tf.memory().numTensors;
  const gradient = tf.tidy(() => {
    const input = wave(x, 0.7), weights = wave(filter, 0.3);
    const convolve = (variable: tf.Tensor) => {
      const [a, b] = of === "input" ? [variable as tf.Tensor4D, weights] : [input, variable as tf.Tensor4D];
      const y = tf.conv2d(a, b, strides, pad);
      return tf.sum(tf.mul(y, wave(y.shape, 1.3)));
    };
    return tf.grad(convolve)(of === "input" ? input : weights);
  });
  equal(gradient.shape, of === "input" ? x : filter);
  const values = [...gradient.dataSync()];
  gradient.dispose();
  equal(tf.memory().numTensors, before);
  await backend.close();
  return values;
}

for (const [of, cases] of [["filter", CASES], ["input", INPUT_CASES]] as const) {
  for (const each of cases) {
    Deno.test({
      name: `the gradient of conv2d in its ${of} on wasm equals that on cpu: ${JSON.stringify(each)}`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await registerGradients();
        const expected = await gradientOn(cpuBackend, of, each), found = await gradientOn(wasmBackend, of, each);
        equal(found.length, expected.length);
        found.forEach((value, i) => ok(Math.abs(value - expected[i]!) < 1e-4, `${i}: ${value} is not ${expected[i]}`));
      },
    });
  }
}
