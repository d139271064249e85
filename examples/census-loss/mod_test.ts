import { ok, strictEqual as equal } from "node:assert/strict";
import { chooseBackend } from "@slomo/engine";
import * as tf from "@tensorflow/tfjs-core";
import { census } from "./mod.ts";

/** Returns the loss for frames of random values, changed by `change`. */
function valueOf(change: (groundTruth: tf.Tensor4D) => tf.Tensor4D, radius = 2): number {
  return tf.tidy(() => {
    const groundTruth = tf.randomUniform<tf.Rank.R4>([1, 12, 15, 3], 0.2, 0.8, "float32", 1),
      still = tf.zerosLike(groundTruth);
    const times = tf.tensor1d([0.5]), output = { frames: change(groundTruth) };
    return census({ radius }).compute({}, { first: still, second: still, times, groundTruth, output }).dataSync()[0]!;
  });
}

Deno.test("census() is 0 for equal images, almost 0 for other brightness, and large for another image", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  equal(valueOf((groundTruth) => tf.clone(groundTruth)), 0);
  // Zeros outside of the border are the same in both; inside, changes of brightness cost nothing.
  const brighter = valueOf((groundTruth) => tf.add(tf.mul(groundTruth, 1.2), 0.05)),
    other = valueOf((groundTruth) => tf.reverse(groundTruth, [1, 2]));
  ok(brighter < 0.01, `${brighter}`);
  ok(other > 0.3 && other < 1, `${other}`);
  await backend.close();
});

Deno.test("census() equals its definition for a row in which one neighbor becomes darker", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  const row = (...levels: number[]) =>
    tf.tensor4d(levels.flatMap((level) => [level, level, level]), [1, 1, levels.length, 3]);
  const soft = (d: number) => d / Math.sqrt(d * d + (0.9 / 255) ** 2);
  const found = tf.tidy(() => {
    const groundTruth = row(0.5, 0.6), frames = row(0.5, 0.4), times = tf.tensor1d([0.5]);
    return census({ radius: 1 }).compute({}, {
      first: groundTruth,
      second: groundTruth,
      times,
      groundTruth,
      output: { frames },
    })
      .dataSync()[0]!;
  });
  const share = (a: number, b: number) => (soft(a) - soft(b)) ** 2 / ((soft(a) - soft(b)) ** 2 + 0.1);
  // Each pixel has one neighbor and seven positions outside of the border, which are 0.
  const expected = (share(0.1, -0.1) + share(-0.1, 0.1) + 7 * share(-0.5, -0.5) + 7 * share(-0.6, -0.4)) / 18;
  ok(Math.abs(found - expected) < 1e-5, `${found} is not ${expected}`);
  await backend.close();
});
