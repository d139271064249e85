import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { chooseBackend } from "../../engine/choose.ts";
import { createAdam } from "./optimizer.ts";

const OPTIONS = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.1 };
const GRADIENTS = [[1, -2], [0.5, 0], [-3, 4]];

/** AdamW written out for one number. */
function reference(start: number, gradients: number[], rate: number): number {
  let x = start, mean = 0, square = 0;
  gradients.forEach((gradient, i) => {
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.99 * square + 0.01 * gradient ** 2;
    x -= rate * 0.1 * x;
    x -= rate * (mean / (1 - 0.9 ** (i + 1))) / (Math.sqrt(square / (1 - 0.99 ** (i + 1))) + 1e-8);
  });
  return x;
}

function apply(optimizer: ReturnType<typeof createAdam>, values: number[]): void {
  tf.tidy(() => optimizer.apply({ x: tf.tensor1d(values) }, 0.01));
}

Deno.test("createAdam() steps as AdamW is written", async () => {
  await chooseBackend("cpu", "train");
  const x = tf.variable(tf.tensor1d([2, -1])), optimizer = createAdam({ x }, OPTIONS);
  for (const gradient of GRADIENTS) apply(optimizer, gradient);
  [...x.dataSync()].forEach((value, i) => {
    const expected = reference([2, -1][i]!, GRADIENTS.map((gradient) => gradient[i]!), 0.01);
    ok(Math.abs(value - expected) < 1e-6, `${value} is not ${expected}`);
  });
});

Deno.test("createAdam() continues from its state bit for bit", async () => {
  await chooseBackend("cpu", "train");
  const before = tf.memory().numTensors;
  const whole = tf.variable(tf.tensor1d([2, -1])), steady = createAdam({ x: whole }, OPTIONS);
  for (const gradient of GRADIENTS) apply(steady, gradient);
  const broken = tf.variable(tf.tensor1d([2, -1])), early = createAdam({ x: broken }, OPTIONS);
  apply(early, GRADIENTS[0]!);
  const late = createAdam({ x: broken }, OPTIONS, early.state());
  early.dispose();
  for (const gradient of GRADIENTS.slice(1)) apply(late, gradient);
  equal([...broken.dataSync()], [...whole.dataSync()]);
  steady.dispose();
  late.dispose();
  tf.dispose([whole, broken]);
  ok(tf.memory().numTensors <= before + 2, "the initial tensors of the variables alone are left");
});
