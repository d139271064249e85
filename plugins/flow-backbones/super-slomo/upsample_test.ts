import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { registerGradients } from "@slomo/engine";
import * as tf from "@tensorflow/tfjs-core";
import { distance, numbers, onWasm, randomTensor, tensorsMadeBy } from "./_testing.ts";
import { upsampleTwice } from "./upsample.ts";

Deno.test("upsampleTwice() weights pixels by a quarter and three quarters, and repeats the edges", () =>
  onWasm(() => {
    equal(numbers(upsampleTwice(tf.tensor4d([4, 8, 0], [1, 1, 3, 1]))), [4, 5, 7, 6, 2, 0, 4, 5, 7, 6, 2, 0]);
    equal(numbers(upsampleTwice(tf.tensor4d([4, 8], [1, 2, 1, 1]))), [4, 4, 5, 5, 7, 7, 8, 8]);
    equal(numbers(upsampleTwice(tf.tensor4d([3, 5], [1, 1, 1, 2]))), [3, 5, 3, 5, 3, 5, 3, 5]);
    equal(tensorsMadeBy(() => upsampleTwice(tf.zeros([1, 2, 2, 1]))), 2);
  }));

Deno.test("upsampleTwice() has the adjoint as its gradient, also for sizes that are not square", async () => {
  await registerGradients();
  await onWasm(() => {
    for (const [h, w] of [[1, 1], [1, 3], [4, 2], [3, 5]] as const) {
      const x = randomTensor([2, h, w, 3], 1), dy = randomTensor([2, 2 * h, 2 * w, 3], 2, -1);
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(upsampleTwice(x as tf.Tensor4D), dy)))(x);
      const unit = numbers(tf.range(0, x.size)).map((i) => {
        const basis = tf.reshape(tf.oneHot(i, x.size), x.shape) as tf.Tensor4D;
        return tf.sum(tf.mul(upsampleTwice(tf.cast(basis, "float32")), dy)).dataSync()[0]!;
      });
      ok(distance(gradient, unit) < 1e-6);
    }
  });
});
