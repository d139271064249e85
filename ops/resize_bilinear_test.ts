import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { eachBackend } from "../engine/_testing.ts";
import { registerGradients } from "../engine/gradients.ts";
import { resizeBilinear } from "./resize_bilinear.ts";

/** Returns pseudorandom values, the same each time. */
function noise(shape: [number, number, number, number], seed: number): tf.Tensor4D {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => {
    const s = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return s - Math.floor(s) - 0.5;
  });
  return tf.tensor4d(values, shape);
}

/** Computes the op by its definition in double precision. */
function reference(x: tf.Tensor4D, height: number, width: number): number[] {
  const [n, h, w, c] = x.shape, values = x.arraySync(), out: number[] = [];
  const place = (i: number, from: number, to: number) => Math.min(Math.max((i + 0.5) * from / to - 0.5, 0), from - 1);
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const y = place(row, h, height), z = place(column, w, width);
        for (let k = 0; k < c; k++) {
          let sum = 0;
          for (let a = 0; a < h; a++) {
            for (let b = 0; b < w; b++) {
              const weight = Math.max(0, 1 - Math.abs(y - a)) * Math.max(0, 1 - Math.abs(z - b));
              sum += weight * values[image]![a]![b]![k]!;
            }
          }
          out.push(sum);
        }
      }
    }
  }
  return out;
}

const CASES: readonly [from: [number, number, number, number], to: [number, number]][] = [
  [[1, 8, 16, 3], [4, 8]],
  [[2, 16, 32, 1], [1, 2]],
  [[1, 2, 3, 2], [8, 12]],
  [[1, 5, 7, 1], [3, 10]],
  [[2, 3, 4, 2], [3, 4]],
];

await eachBackend("resizeBilinear()", async (t, { tolerance, name }) => {
  await registerGradients();
  for (const [shape, [height, width]] of CASES) {
    await t.step(
      `from ${shape} to ${height} × ${width} agrees with its definition, and so does its gradient`,
      async () => {
        await tf.setBackend("cpu");
        const expected = tf.tidy(() => reference(noise(shape, 1), height, width));
        await tf.setBackend(name);
        const before = tf.memory().numTensors, largest = Math.max(tolerance, 1e-5);
        const x = noise(shape, 1), out = resizeBilinear(x, height, width);
        (await out.data()).forEach((value, i) => ok(Math.abs(value - expected[i]!) <= largest));
        // The op is linear: along any direction, the slope of a weighted sum is that sum of the resized direction.
        const dy = noise([shape[0], height, width, shape[3]], 2), direction = noise(shape, 3);
        const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(resizeBilinear(x as tf.Tensor4D, height, width), dy)))(
          x,
        );
        const sums = tf.tidy(() => [
          tf.sum(tf.mul(gradient, direction)),
          tf.sum(tf.mul(resizeBilinear(direction, height, width), dy)),
        ]);
        const [slope, along] = await Promise.all(sums.map(async (sum) => (await sum.data())[0]!));
        ok(Math.abs(slope! - along!) < 1e-3 && Math.abs(along!) > 1e-3, `${slope}, ${along}`);
        tf.dispose([x, out, dy, direction, gradient, ...sums]);
        equal(tf.memory().numTensors, before);
      },
    );
  }
});
