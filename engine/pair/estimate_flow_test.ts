import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { FlowEstimator } from "../../core/contracts/parts.ts";
import { chooseBackend } from "../choose.ts";
import { estimateFlow } from "./estimate_flow.ts";

/** An estimator that always returns the same flow, and records the sizes of its inputs. */
function constant(dx: number, dy: number, multiple: number): FlowEstimator & { seen: number[][] } {
  return {
    seen: [],
    multiple,
    parameters: [],
    estimate(_, first) {
      this.seen.push(first.shape.slice(1, 3));
      const flow = tf.tile(tf.tensor4d([dx, dy], [1, 1, 1, 2]), [1, first.shape[1], first.shape[2], 1]) as tf.Tensor4D;
      return { forward: flow, backward: tf.neg(flow) };
    },
  };
}

Deno.test("estimateFlow() pads to the estimator's multiple and crops the flow", async () => {
  await chooseBackend("cpu", "interpolate");
  tf.tidy(() => {
    const estimator = constant(3, -1, 8), frame = tf.zeros([1, 13, 20, 3]) as tf.Tensor4D;
    const { forward, backward } = estimateFlow(estimator, {}, frame, frame, 1);
    equal([estimator.seen, forward.shape, backward!.shape], [[[16, 24]], [1, 13, 20, 2], [1, 13, 20, 2]]);
    equal([...forward.dataSync().subarray(0, 2)], [3, -1]);
  });
});

Deno.test("estimateFlow() at a smaller scale multiplies the flow when it is enlarged", async () => {
  await chooseBackend("cpu", "interpolate");
  tf.tidy(() => {
    const estimator = constant(3, -1, 1), frame = tf.zeros([1, 15, 20, 3]) as tf.Tensor4D;
    const { forward } = estimateFlow(estimator, {}, frame, frame, 0.5);
    equal([estimator.seen, forward.shape], [[[8, 10]], [1, 15, 20, 2]]);
    const values = forward.dataSync();
    for (let i = 0; i < values.length; i += 2) {
      ok(Math.abs(values[i]! - 6) < 1e-5 && Math.abs(values[i + 1]! + 15 / 8) < 1e-5);
    }
  });
});

Deno.test("estimateFlow() frees everything but the flow", async () => {
  await chooseBackend("cpu", "interpolate");
  const frame = tf.zeros([1, 15, 20, 3]) as tf.Tensor4D, before = tf.memory().numTensors;
  const { forward, backward } = estimateFlow(constant(1, 1, 8), {}, frame, frame, 0.5);
  equal(tf.memory().numTensors, before + 2);
  tf.dispose([frame, forward, backward!]);
});
