import { ok, strictEqual as equal } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { gradientError, input, noise, NONE, onCpu, value } from "./_testing.ts";
import { meanMagnitude } from "./magnitude.ts";
import { reconstruction } from "./reconstruction.ts";

Deno.test("reconstruction() returns the mean absolute difference of all frames", () =>
  onCpu(() => {
    const groundTruth = tf.tensor4d([0, 0.5, 1, 1, 0.25, 0], [2, 1, 1, 3]);
    const frames = tf.tensor4d([0.5, 0.5, 0.5, 1, 1, 1], [2, 1, 1, 3]);
    const loss = reconstruction().compute(NONE, input({ groundTruth, output: { frames } }));
    ok(Math.abs(value(loss) - (0.5 + 0 + 0.5 + 0 + 0.75 + 1) / 6) < 1e-6);
    equal(loss.rank, 0);
  }));

Deno.test("reconstruction() in [0, 1] with weight 204 equals that in [0, 255] with the paper's weight 0.8", () =>
  onCpu(() => {
    const groundTruth = noise([1, 2, 2, 3], 1), frames = noise([1, 2, 2, 3], 2);
    const { compute } = reconstruction();
    const unit = value(compute(NONE, input({ groundTruth, output: { frames } })));
    const bytes = value(
      compute(NONE, input({ groundTruth: tf.mul(groundTruth, 255), output: { frames: tf.mul(frames, 255) } })),
    );
    ok(Math.abs(204 * unit - 0.8 * bytes) < 1e-4);
  }));

Deno.test("reconstruction() has a gradient outside of [0, 1] and between 8-bit levels", () =>
  onCpu(() => {
    const groundTruth = noise([2, 2, 2, 3], 1), frames = noise([2, 2, 2, 3], 2, -0.5, 1.5);
    const error = gradientError(
      (frames) => reconstruction().compute(NONE, input({ groundTruth, output: { frames } })),
      frames,
      1e-3,
    );
    ok(error < 1e-2, `${error}`);
  }));

Deno.test("meanMagnitude() has gradient 0 at zero", () =>
  onCpu(() => {
    const x = tf.tensor1d([-2, 0, 3, 7]);
    equal(meanMagnitude(x).dataSync()[0], 3);
    const gradient = tf.grad((x: tf.Tensor) => tf.mul(meanMagnitude(x), 8))(x);
    equal(gradient.dataSync().join(), "-2,0,2,2");
  }));
