import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { cpuBackend } from "../cpu/mod.ts";
import { wasmBackend } from "./mod.ts";
import type { BackendDefinition } from "../../backend.ts";

const unsanitized = { sanitizeOps: false, sanitizeResources: false };

/** Returns the values 0, 1, 2, … in a shape. */
function count(shape: readonly number[], dtype: "float32" | "int32" = "float32"): tf.Tensor {
  return tf.reshape(tf.range(0, shape.reduce((a, b) => a * b, 1), 1, dtype), [...shape]);
}

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Returns the results of `compute` on a backend, and checks that all tensors are freed. */
async function on({ open }: BackendDefinition, compute: () => tf.Tensor | tf.Tensor[]): Promise<Values[]> {
  const backend = await open(), before = tf.memory().numTensors;
  const tensors = [tf.tidy(compute)].flat();
  const found = tensors.map((tensor) => ({ shape: tensor.shape, values: [...tensor.dataSync()] }));
  tf.dispose(tensors);
  equal(tf.memory().numTensors, before);
  await backend.close();
  return found;
}

const CASES: readonly [name: string, compute: () => tf.Tensor | tf.Tensor[]][] = [
  ["concat() of few channels", () => tf.concat([count([2, 3, 4, 5]), count([2, 3, 4, 2]), count([2, 3, 4, 1])], 3)],
  ["concat() of many channels", () => tf.concat([count([1, 2, 3, 70]), count([1, 2, 3, 100])], -1)],
  ["concat() along rows", () => tf.concat([count([2, 3, 4, 5]), count([2, 1, 4, 5])], 1)],
  ["concat() along the batch", () => tf.concat([count([1, 3, 4]), count([3, 3, 4])], 0)],
  ["concat() with an empty tensor", () => tf.concat([count([2, 0]), count([2, 3])], 1)],
  ["concat() of integers", () => tf.concat([count([2, 3], "int32"), count([2, 2], "int32")], 1)],
  ["slice() of a vector", () => tf.slice(count([9]), [2], [5])],
  ["slice() of a matrix", () => tf.slice(count([5, 7]), [1, 2], [3, 4])],
  ["slice() of everything", () => tf.slice(count([2, 3, 4]), [0, 0, 0], [2, 3, 4])],
  ["slice() of rows", () => tf.slice(count([2, 6, 4, 3]), [0, 2, 0, 0], [2, 3, 4, 3])],
  ["slice() of columns", () => tf.slice(count([2, 6, 4, 3]), [0, 0, 1, 0], [2, 6, 2, 3])],
  ["slice() of channels", () => tf.slice(count([2, 3, 4, 5]), [1, 0, 0, 2], [1, 3, 4, 2])],
  ["slice() of a part in each direction", () => tf.slice(count([3, 4, 5, 6]), [1, 1, 2, 3], [2, 2, 3, -1])],
  ["slice() of five dimensions", () => tf.slice(count([2, 3, 2, 4, 5]), [1, 0, 1, 1, 2], [1, 2, 1, 3, 2])],
  ["split() of channels", () => tf.split(count([1, 3, 4, 5]), [2, 2, 1], 3)],
  ["split() in equal parts", () => tf.split(count([4, 6]), 2, 0)],
  ["split() with the remainder", () => tf.split(count([4, 6]), [1, -1, 2], 1)],
];

for (const [name, compute] of CASES) {
  Deno.test({
    ...unsanitized,
    name: `${name} on wasm equals that on cpu`,
    fn: async () => equal(await on(wasmBackend, compute), await on(cpuBackend, compute)),
  });
}

interface Convolution {
  readonly x: readonly [number, number, number, number];
  readonly filter: readonly [number, number, number, number];
  readonly pad: "same" | "valid" | tf.backend_util.ExplicitPadding;
  readonly strides?: number;
  readonly activation: "linear" | "relu" | "leakyrelu";
}

/** Images large enough for several strips, the last one shorter; the last case has strides and no strips. */
const CONVOLUTIONS: readonly [name: string, convolution: Convolution][] = [
  ["7×7 taps", { x: [1, 161, 160, 1], filter: [7, 7, 1, 2], pad: "same", activation: "leakyrelu" }],
  ["two images", { x: [2, 130, 200, 1], filter: [5, 5, 1, 1], pad: "same", activation: "relu" }],
  ["no padding", { x: [1, 150, 170, 1], filter: [7, 5, 1, 1], pad: "valid", activation: "linear" }],
  ["explicit padding", {
    x: [1, 150, 170, 1],
    filter: [7, 7, 1, 1],
    pad: [[0, 0], [1, 5], [0, 2], [0, 0]],
    activation: "leakyrelu",
  }],
  ["an even number of taps", { x: [1, 180, 200, 1], filter: [4, 6, 1, 1], pad: "same", activation: "linear" }],
  ["strides of two", { x: [1, 400, 200, 1], filter: [7, 7, 1, 1], pad: "same", strides: 2, activation: "leakyrelu" }],
];

for (const [name, { x: shape, filter: taps, pad, strides = 1, activation }] of CONVOLUTIONS) {
  const compute = () => {
    const x = tf.sin(count(shape)) as tf.Tensor4D, filter = tf.cos(count(taps)) as tf.Tensor4D;
    const bias = count([taps[3]]) as tf.Tensor1D;
    return tf.fused.conv2d({ x, filter, bias, strides, pad, activation, leakyreluAlpha: 0.1 });
  };
  Deno.test({
    ...unsanitized,
    name: `fused.conv2d() on wasm in strips equals that on cpu, for ${name}`,
    async fn() {
      const [[found], [expected]] = [await on(wasmBackend, compute), await on(cpuBackend, compute)];
      equal(found!.shape, expected!.shape);
      found!.values.forEach((value, i) => ok(Math.abs(value - expected!.values[i]!) < 1e-3, `${i}: ${value}`));
    },
  });
}

Deno.test({
  ...unsanitized,
  name: "fused.conv2d() on wasm needs little memory beside the images",
  async fn() {
    const backend = await wasmBackend.open();
    const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
    tf.tidy(() => {
      const x = tf.zeros([1, 1024, 1024, 1]) as tf.Tensor4D, filter = tf.zeros([7, 7, 1, 1]) as tf.Tensor4D;
      tf.fused.conv2d({ x, filter, strides: 1, pad: "same", activation: "leakyrelu", leakyreluAlpha: 0.1 });
    });
    const mebibytes = wasm.HEAPU8.length / 2 ** 20;
    ok(mebibytes < 64, `${mebibytes} MiB; a pointer for each pixel and tap takes 196 MiB`);
    await backend.close();
  },
});
