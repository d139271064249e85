import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { chooseBackend } from "../../engine/choose.ts";
import { createEma } from "./ema.ts";
import { clipGradients, createGradientSum, globalNorm } from "./gradients.ts";
import { initialParameters } from "./model.ts";

Deno.test("clipGradients() shortens gradients to a norm and leaves shorter ones", async () => {
  await chooseBackend("cpu", "train");
  tf.tidy(() => {
    const gradients = { a: tf.tensor1d([3, 0]), b: tf.scalar(4) };
    equal(globalNorm(gradients).dataSync()[0], 5);
    equal(globalNorm(clipGradients(gradients, 5, 1)).dataSync()[0]!.toFixed(6), "1.000000");
    equal([...clipGradients(gradients, 5, 6).a!.dataSync()], [3, 0]);
  });
});

Deno.test("createGradientSum() adds parts by their shares and leaves nothing behind", async () => {
  await chooseBackend("cpu", "train");
  const before = tf.memory().numTensors, sum = createGradientSum();
  sum.add({ a: tf.tensor1d([1, 2]) }, 0.5);
  sum.add({ a: tf.tensor1d([3, 4]) }, 0.5);
  const taken = sum.take();
  equal([...taken.a!.dataSync()], [2, 3]);
  tf.dispose(taken);
  equal(sum.take(), {});
  equal(tf.memory().numTensors, before);
});

Deno.test("createEma() follows fast at first and slowly later", async () => {
  await chooseBackend("cpu", "train");
  const x = tf.variable(tf.scalar(0)), start = { x: tf.scalar(0) };
  const young = createEma({ x }, 0.999, start, 0), old = createEma({ x }, 0.999, start, 1e6);
  x.assign(tf.scalar(1));
  young.update();
  old.update();
  ok(Math.abs(young.tensors["x"]!.dataSync()[0]! - 0.9) < 1e-6);
  ok(Math.abs(old.tensors["x"]!.dataSync()[0]! - 0.001) < 1e-6);
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
