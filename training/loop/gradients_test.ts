import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { chooseBackend } from "../../engine/choose.ts";
import { createEma } from "./ema.ts";
import { eachBackend } from "../../engine/_testing.ts";
import { clipGradient, createGradientSum, globalNorm } from "./gradients.ts";
import { joinTensors, ROW, splitVector, vectorLayout } from "./vector.ts";
import { initialParameters } from "./model.ts";

/** Returns a vector whose first values are given and whose others are 0, of the length that a norm needs. */
const vectorOf = (...values: number[]): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from({ length: ROW }, (_, i) => values[i] ?? 0));

Deno.test("clipGradient() shortens gradients to a norm and leaves shorter ones", async () => {
  await chooseBackend("cpu", "train");
  const before = tf.memory().numTensors, gradient = vectorOf(3, 0, 4);
  equal(await globalNorm(gradient), 5);
  const clipped = clipGradient(gradient, 5, 1), whole = clipGradient(gradient, 5, 6);
  equal((await globalNorm(clipped)).toFixed(6), "1.000000");
  equal(whole.dataSync(), gradient.dataSync());
  tf.dispose([gradient, clipped, whole]);
  equal(tf.memory().numTensors, before);
});

await eachBackend("globalNorm()", async (t) => {
  await t.step("sums millions of values without losing small ones", async () => {
    const gradient = tf.fill([1 << 25], 2) as tf.Tensor1D;
    ok(Math.abs(await globalNorm(gradient) / (2 * Math.sqrt(1 << 25)) - 1) < 1e-6);
    gradient.dispose();
  });
});

Deno.test("createGradientSum() adds parts by their shares and leaves nothing behind", async () => {
  await chooseBackend("cpu", "train");
  const before = tf.memory().numTensors, sum = createGradientSum();
  sum.add(tf.tensor1d([1, 2]), 0.5);
  sum.add(tf.tensor1d([3, 4]), 0.5);
  const taken = sum.take();
  equal([...taken!.dataSync()], [2, 3]);
  tf.dispose(taken!);
  equal(sum.take(), undefined);
  equal(tf.memory().numTensors, before);
});

Deno.test("createEma() follows fast at first and slowly later", async () => {
  await chooseBackend("cpu", "train");
  const x = tf.variable(tf.scalar(0)), start = tf.scalar(0);
  const young = createEma(x, 0.999, start, 0), old = createEma(x, 0.999, start, 1e6);
  x.assign(tf.scalar(1));
  young.update();
  old.update();
  ok(Math.abs(young.tensor.dataSync()[0]! - 0.9) < 1e-6);
  ok(Math.abs(old.tensor.dataSync()[0]! - 0.001) < 1e-6);
});

Deno.test("joinTensors() and splitVector() keep tensors in order, of any size", async () => {
  await chooseBackend("cpu", "train");
  const before = tf.memory().numTensors;
  for (const length of [1, ROW - 5, ROW - 4, ROW]) {
    const tensors = { a: tf.ones([length]), b: tf.tensor2d([[1, 2], [3, 4]]) };
    const layout = vectorLayout(tensors), vector = joinTensors(layout, tensors), parts = splitVector(layout, vector);
    equal([vector.size % ROW, Object.keys(parts), parts["a"]!.shape, parts["b"]!.arraySync()], [
      0,
      ["a", "b"],
      [length],
      [[1, 2], [3, 4]],
    ]);
    tf.dispose([tensors, vector, parts]);
  }
  equal(tf.memory().numTensors, before);
});

Deno.test("initialParameters() draws each tensor as its spec says, the same for the same seed", async () => {
  await chooseBackend("cpu", "train");
  const specs = [
    { name: "he", shape: [3, 3, 16, 64], init: { kind: "he", slope: 0.1 } },
    { name: "normal", shape: [64, 64], init: { kind: "normal", deviation: 1e-3 } },
    { name: "zeros", shape: [5], init: { kind: "zeros" } },
  ] as const;
  const drawn = initialParameters(specs, "flow", 1);
  const deviation = (name: string) => Math.sqrt(tf.mean(tf.square(drawn[name]!)).dataSync()[0]!);
  ok(Math.abs(deviation("he") / Math.sqrt(2 / (1.01 * 144)) - 1) < 0.03);
  ok(Math.abs(deviation("normal") / 1e-3 - 1) < 0.05);
  equal([...drawn["zeros"]!.dataSync()], [0, 0, 0, 0, 0]);
  equal(drawn["he"]!.dataSync(), initialParameters(specs, "flow", 1)["he"]!.dataSync());
  ok(tf.max(tf.abs(tf.sub(drawn["he"]!, initialParameters(specs, "flow", 2)["he"]!))).dataSync()[0]! > 0.01);
});
