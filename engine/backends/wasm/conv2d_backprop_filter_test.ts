import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { cpuBackend } from "../cpu/mod.ts";
import { wasmBackend } from "./mod.ts";
import type { BackendDefinition } from "../../backend.ts";
import { registerGradients } from "../../gradients.ts";

type Shape = [number, number, number, number];
type Case = readonly [x: Shape, filter: Shape, strides: number | [number, number], pad: "same" | "valid"];

const CASES: readonly Case[] = [
  [[2, 7, 6, 3], [3, 3, 3, 4], 1, "same"],
  [[1, 9, 8, 2], [7, 5, 2, 3], 1, "same"],
  [[2, 8, 9, 3], [3, 2, 3, 2], 1, "valid"],
  [[1, 9, 10, 2], [3, 3, 2, 3], [2, 3], "same"],
  [[1, 4, 5, 6], [1, 1, 6, 1], 1, "valid"],
];

const wave = (shape: Shape, step: number) =>
  tf.reshape(tf.sin(tf.mul(tf.range(0, tf.util.sizeFromShape(shape)), step)), shape);

/** Gradient of a weighted sum of a convolution in its filter. */
async function gradientOn({ open }: BackendDefinition, [x, filter, strides, pad]: Case): Promise<number[]> {
  const backend = await open(), before = tf.memory().numTensors;
  const gradient = tf.tidy(() => {
    const convolve = (f: tf.Tensor) => {
      const y = tf.conv2d(wave(x, 0.7) as tf.Tensor4D, f as tf.Tensor4D, strides, pad);
      return tf.sum(tf.mul(y, wave(y.shape, 1.3)));
    };
    return tf.grad(convolve)(wave(filter, 0.3));
  });
  equal(gradient.shape, filter);
  const values = [...gradient.dataSync()];
  gradient.dispose();
  equal(tf.memory().numTensors, before);
  await backend.close();
  return values;
}

for (const of of CASES) {
  Deno.test({
    name: `the gradient of conv2d in its filter on wasm equals that on cpu: ${JSON.stringify(of)}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await registerGradients();
      const expected = await gradientOn(cpuBackend, of), found = await gradientOn(wasmBackend, of);
      found.forEach((value, i) => ok(Math.abs(value - expected[i]!) < 1e-4, `${i}: ${value} is not ${expected[i]}`));
    },
  });
}
