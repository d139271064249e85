import { ok } from "node:assert/strict";
import { chooseBackend } from "@slomo/engine";
import { backwardWarp } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { classicFlow } from "./flow_estimator.ts";

const context = { warp: { warp: backwardWarp } };

/** Returns a smooth pattern, moved by (dx, dy) pixels [1, height, width, 3]. */
function pattern(height: number, width: number, dx: number, dy: number): tf.Tensor4D {
  const values = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width - dx, y = Math.floor(i / 3 / width) - dy, c = i % 3;
    return 0.5 + 0.2 * Math.sin(0.35 * x + c + 0.1 * y) * Math.cos(0.27 * y - c) + 0.2 * Math.sin(0.06 * x - 0.05 * y);
  });
  return tf.tensor4d(values, [1, height, width, 3]);
}

/** Returns the mean distance of flow from (dx, dy) in pixels, without a border. */
function endpointError(flow: tf.Tensor4D, dx: number, dy: number, border: number): number {
  const [, h, w] = flow.shape;
  const inner = tf.slice(flow, [0, border, border, 0], [1, h - 2 * border, w - 2 * border, 2]);
  return tf.mean(tf.norm(tf.sub(inner, tf.tensor1d([dx, dy])), 2, 3)).dataSync()[0]!;
}

const MOTIONS = [[0, 0], [0.5, -0.25], [3, 2], [-7, 4]] as const;

Deno.test("classicFlow() estimates subpixel and large motion, in both directions", async () => {
  const { backend } = await chooseBackend("wasm", "interpolate");
  const { estimate } = classicFlow({ reduce: 1 }, context);
  for (const [dx, dy] of MOTIONS) {
    tf.tidy(() => {
      const { forward, backward } = estimate({}, pattern(48, 80, 0, 0), pattern(48, 80, dx, dy));
      const errors = [endpointError(forward, dx, dy, 10), endpointError(backward!, -dx, -dy, 10)];
      ok(Math.max(...errors) < 0.15, `(${dx}, ${dy}): ${errors} pixels`);
    });
  }
  await backend.close();
});

Deno.test("classicFlow() returns zero flow for equal frames and for flat frames", async () => {
  const { backend } = await chooseBackend("wasm", "interpolate");
  const { estimate } = classicFlow({}, context);
  tf.tidy(() => {
    const frame = pattern(21, 35, 0, 0), gray = tf.fill<tf.Rank.R4>([1, 21, 35, 3], 0.5);
    for (const [first, second] of [[frame, frame], [gray, gray]] as const) {
      const { forward } = estimate({}, first, second);
      ok(forward.dataSync().every((value) => Math.abs(value) < 1e-3));
    }
  });
  await backend.close();
});
