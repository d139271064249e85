import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distance, onWasm, randomTensor, tensorsMadeBy } from "./_testing.ts";
import { flowAtT } from "./flow_at_t.ts";

Deno.test("flowAtT() computes equation 4 at times other than one half", () =>
  onWasm(() => {
    const forward = tf.tensor4d([8, -4], [1, 1, 1, 2]), backward = tf.tensor4d([-16, 32], [1, 1, 1, 2]);
    const { flowToFirst, flowToSecond } = flowAtT(forward, backward, tf.tensor1d([0.25, 0.5, 0.75]));
    equal(flowToFirst.shape, [3, 1, 1, 2]);
    ok(distance(flowToFirst, [-2.5, 2.75, -6, 9, -10.5, 18.75]) < 1e-6);
    ok(distance(flowToSecond, [7.5, -8.25, 6, -9, 3.5, -6.25]) < 1e-6);
  }));

Deno.test("flowAtT() divides uniform motion by time", () =>
  onWasm(() => {
    const forward = tf.fill([1, 2, 3, 2], 10) as tf.Tensor4D, backward = tf.neg(forward);
    const { flowToFirst, flowToSecond } = flowAtT(forward, backward, tf.tensor1d([0.2]));
    ok(distance(flowToFirst, Array(12).fill(-2)) < 1e-6);
    ok(distance(flowToSecond, Array(12).fill(8)) < 1e-6);
  }));

Deno.test("flowAtT() gives the same for one time per pair and for several times of one pair", () =>
  onWasm(() => {
    const [a, b] = [randomTensor([2, 3, 2, 2], 1), randomTensor([2, 3, 2, 2], 2)];
    const both = flowAtT(a, b, tf.tensor1d([0.3, 0.9]));
    const second = flowAtT(tf.slice(a, [1, 0, 0, 0]), tf.slice(b, [1, 0, 0, 0]), tf.tensor1d([0.9]));
    ok(distance(tf.slice(both.flowToSecond, [1, 0, 0, 0]), second.flowToSecond) === 0);
    const times = tf.tensor1d([0.3, 0.9]);
    equal(tensorsMadeBy(() => flowAtT(a, b, times)), 2);
  }));
