import { deepStrictEqual as equal, strictEqual as same } from "node:assert/strict";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { FlowEstimator } from "../contracts/parts.ts";
import { bothWays } from "./both_ways.ts";

/** Flow is the difference of the first two channels; half of it on a coarser level. */
const oneWay: FlowEstimator = {
  multiple: 1,
  parameters: [],
  estimate: (_, first, second) => {
    const forward = tf.tidy(() => tf.slice(tf.sub(second, first), [0, 0, 0, 0], [-1, -1, -1, 2]) as tf.Tensor4D);
    return { forward, coarser: [{ forward: tf.div(forward, 2) }] };
  },
};

Deno.test("bothWays() asks an estimator of one direction again, and leaves one of both alone", async () => {
  await tf.setBackend("cpu");
  tf.tidy(() => {
    const first = tf.tensor4d([1, 2, 0], [1, 1, 1, 3]), second = tf.tensor4d([4, 8, 0], [1, 1, 1, 3]);
    const { forward, backward, coarser } = bothWays(oneWay).estimate({}, first, second);
    equal([...forward.dataSync(), ...backward!.dataSync()], [3, 6, -3, -6]);
    equal([...coarser![0]!.forward.dataSync(), ...coarser![0]!.backward!.dataSync()], [1.5, 3, -1.5, -3]);
    const found = { forward, backward };
    same(bothWays({ ...oneWay, estimate: () => found }).estimate({}, first, second), found);
  });
});
