import { deepStrictEqual as equal, throws } from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerGradients } from "../engine/gradients.ts";
import { cropTo, padToMultiple } from "./pad_edges.ts";

Deno.test("padToMultiple() repeats the edges on the right and below, and cropTo() undoes it", async () => {
  await registerGradients();
  await tf.setBackend("cpu");
  tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
    const padded = padToMultiple(x, 4);
    equal(padded.shape, [1, 4, 4, 1]);
    equal([...padded.dataSync()], [1, 2, 3, 3, 4, 5, 6, 6, 4, 5, 6, 6, 4, 5, 6, 6]);
    equal([...cropTo(padded, 2, 3).dataSync()], [1, 2, 3, 4, 5, 6]);
    equal([...padToMultiple(x, 1).dataSync()], [1, 2, 3, 4, 5, 6]);
    const sum = tf.grad((x: tf.Tensor) => tf.sum(padToMultiple(x as tf.Tensor4D, 4)))(x);
    equal([...sum.dataSync()], [1, 1, 2, 3, 3, 6]);
    throws(() => padToMultiple(x, 0), RangeError);
  });
});

Deno.test("padToMultiple() and cropTo() return new tensors", async () => {
  await tf.setBackend("cpu");
  const x = tf.zeros([1, 4, 4, 1]) as tf.Tensor4D;
  padToMultiple(x, 4).dispose();
  cropTo(x, 4, 4).dispose();
  equal(x.isDisposed, false);
  x.dispose();
});
