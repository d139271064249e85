import { deepStrictEqual as equal } from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerGradients } from "../engine/gradients.ts";
import { withoutGradient } from "./without_gradient.ts";

Deno.test("withoutGradient() returns the value without gradients", async () => {
  await registerGradients();
  await tf.setBackend("cpu");
  tf.tidy(() => {
    const f = (x: tf.Tensor) => tf.sum(tf.mul(x, withoutGradient(() => tf.square(x))));
    const { value, grad } = tf.valueAndGrad(f)(tf.tensor1d([2, 3]));
    equal(value.dataSync()[0], 8 + 27);
    equal([...grad.dataSync()], [4, 9]);
  });
});

Deno.test("withoutGradient() frees everything but its result", async () => {
  await tf.setBackend("cpu");
  const before = tf.memory().numTensors, kept = withoutGradient(() => tf.tidy(() => tf.square(tf.tensor1d([2, 3]))));
  equal(tf.memory().numTensors, before + 1);
  kept.dispose();
});
