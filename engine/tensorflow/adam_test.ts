import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { createAdam } from "../../training/loop/optimizer.ts";
import type { CreateOptimizer } from "@slomo/engine";
import { createTensorflowAdam } from "./adam.ts";
import { openTensorflow } from "./open.ts";
import { LIBRARY, noise, testOnTensorflow } from "./_testing.ts";

const OPTIONS = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, decay: 0.1 };
const SHAPES = { filter: [3, 3, 2, 4], bias: [4] };

const gradientsAt = (step: number): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(SHAPES).map(([name, shape], i) => [name, noise(shape, 100 + 10 * step + i)]));

/** Runs steps, with a new optimizer from the saved state after `breakAt` of them, and returns all values. */
function train(create: CreateOptimizer, decay: number, breakAt?: number): number[] {
  let values: number[] = [];
  tf.tidy(() => {
    const variables = Object.fromEntries(
      Object.entries(SHAPES).map(([name, shape], i) => [name, tf.variable(noise(shape, i))]),
    );
    let optimizer = create(variables, { ...OPTIONS, decay });
    for (let step = 0; step < 5; step++) {
      if (step === breakAt) {
        const next = create(variables, { ...OPTIONS, decay }, optimizer.state());
        optimizer.dispose();
        optimizer = next;
      }
      tf.tidy(() => optimizer.apply(gradientsAt(step), 0.05 / (step + 1)));
    }
    values = Object.values(variables).flatMap((variable) => [...variable.dataSync()]);
    optimizer.dispose();
    tf.dispose(variables);
  });
  return values;
}

testOnTensorflow(
  "createTensorflowAdam() computes as createAdam() does, resumes exactly from its state, and leaks nothing",
  async () => {
    const tensorflow = await openTensorflow({ library: LIBRARY.path, threads: 1 });
    await tf.setBackend("tensorflow");
    const tensors = tf.memory().numTensors, handles = tensorflow.binding.getNumOfTensors();
    for (const decay of [0, 0.1]) {
      const whole = train(createTensorflowAdam, decay), composed = train(createAdam, decay);
      whole.forEach((value, i) => ok(Math.abs(value - composed[i]!) < 1e-6, `${value} is not ${composed[i]}`));
      equal(train(createTensorflowAdam, decay, 2), whole);
    }
    const variables = { x: tf.variable(tf.tensor1d([1])) }, optimizer = createTensorflowAdam(variables, OPTIONS);
    tf.tidy(() => throws(() => optimizer.apply({ y: tf.tensor1d([1]) }, 0.1), /there is no variable y/));
    optimizer.dispose();
    variables.x.dispose();
    equal([tf.memory().numTensors - 1, tensorflow.binding.getNumOfTensors() - handles], [tensors, 0]);
    tensorflow.close();
  },
);
