import { ok, throws } from "node:assert/strict";
import { chooseBackend } from "@slomo/engine";
import { backwardWarp } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { classicFlow } from "./flow_estimator.ts";
import { consistency } from "./interpolator.ts";

const context = { warp: { warp: backwardWarp } };
const HEIGHT = 48, WIDTH = 80;

/** Returns a textured square of 20 × 20 that starts at `left`, over another texture [1, H, W, 3]. */
function scene(left: number): tf.Tensor4D {
  const values = Float32Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % WIDTH, y = Math.floor(i / 3 / WIDTH), c = i % 3, at = x - left;
    const isSquare = at >= 0 && at < 20 && y >= 14 && y < 34;
    return isSquare
      ? 0.7 + 0.2 * Math.sin(0.8 * at + c) * Math.cos(0.7 * y)
      : 0.3 + 0.15 * Math.sin(0.5 * x - c) * Math.sin(0.45 * y + c);
  });
  return tf.tensor4d(values, [1, HEIGHT, WIDTH, 3]);
}

const decibels = (a: tf.Tensor, b: tf.Tensor) => -10 * Math.log10(tf.mean(tf.squaredDifference(a, b)).dataSync()[0]!);

Deno.test("consistency() with classicFlow() is far better than blending if an object moves over a background", async () => {
  const { backend } = await chooseBackend("wasm", "interpolate");
  const estimator = classicFlow({ reduce: 1 }, context), { interpolate } = consistency({}, context);
  tf.tidy(() => {
    const first = scene(20), second = scene(28), flow = estimator.estimate({}, first, second);
    for (const t of [0.25, 0.5]) {
      const { frames } = interpolate({}, { first, second, flow, times: tf.tensor1d([t]) }),
        groundTruth = scene(20 + 8 * t);
      const made = decibels(frames, groundTruth),
        blend = decibels(tf.add(tf.mul(first, 1 - t), tf.mul(second, t)), groundTruth);
      ok(made > blend + 5, `at ${t}: ${made} dB, blending ${blend} dB`);
    }
  });
  await backend.close();
});

Deno.test("consistency() takes pixels that are occluded in one frame from the other, and returns the visibility", async () => {
  const { backend } = await chooseBackend("wasm", "interpolate");
  const { interpolate } = consistency({}, context);
  tf.tidy(() => {
    // A square has moved by 8 pixels to the right, from 20: at half the way it covers 24 to 44.
    const flowOf = (left: number, dx: number) =>
      tf.tensor4d(
        Float32Array.from({ length: 2 * HEIGHT * WIDTH }, (_, i) => {
          const x = Math.floor(i / 2) % WIDTH, y = Math.floor(i / 2 / WIDTH);
          return i % 2 === 0 && x >= left && x < left + 20 && y >= 14 && y < 34 ? dx : 0;
        }),
        [1, HEIGHT, WIDTH, 2],
      );
    const flow = { forward: flowOf(20, 8), backward: flowOf(28, -8) }, times = tf.tensor1d([0.5]);
    const { visibility, frames } = interpolate({}, { first: scene(20), second: scene(28), flow, times });
    const seen = visibility!.dataSync().subarray(24 * WIDTH, 25 * WIDTH);
    seen.subarray(20, 24).forEach((share, i) =>
      ok(share < 0.1, `${20 + i} is visible only in the second frame, weight ${share}`)
    );
    seen.subarray(44, 48).forEach((share, i) =>
      ok(share > 0.9, `${44 + i} is visible only in the first frame, weight ${share}`)
    );
    for (const x of [5, 30, 38, 70]) {
      ok(Math.abs(seen[x]! - 0.5) < 0.05, `${x} is visible in both frames, weight ${seen[x]}`);
    }
    ok(decibels(frames, scene(24)) > 40, `${decibels(frames, scene(24))} dB`);
  });
  await backend.close();
});

Deno.test("consistency() reports that it needs flow", async () => {
  const { backend } = await chooseBackend("wasm", "interpolate");
  const { interpolate } = consistency({}, context);
  tf.tidy(() => {
    const first = scene(20), input = { first, second: first, times: tf.tensor1d([0.5]) };
    throws(() => interpolate({}, input), { name: "UsageError", message: /name a flowEstimator/ });
  });
  await backend.close();
});
