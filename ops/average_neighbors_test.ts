import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { eachBackend } from "../engine/_testing.ts";
import { averageNeighbors } from "./average_neighbors.ts";

const SHAPES: [number, number, number, number][] = [[2, 3, 4, 3], [1, 1, 5, 2], [1, 4, 1, 1], [1, 1, 1, 1]];

/** Returns [output, input] weights by the definition. */
function weights(height: number, width: number): number[][] {
  return Array.from({ length: height * width }, (_, k) => {
    const y = Math.floor(k / width), x = k % width, row = new Array(height * width).fill(0);
    for (const yy of [y, Math.min(y + 1, height - 1)]) {
      for (const xx of [x, Math.min(x + 1, width - 1)]) row[yy * width + xx] += 0.25;
    }
    return row;
  });
}

await eachBackend("averageNeighbors()", async (t, { tolerance }) => {
  for (const shape of SHAPES) {
    await t.step(`has the values and the gradient of its definition for ${shape}`, async () => {
      const [n, height, width, channels] = shape, matrix = weights(height, width), size = height * width;
      const values = Float32Array.from({ length: n * size * channels }, (_, i) => Math.sin(3 * i + 1));
      const before = tf.memory().numTensors, x = tf.tensor4d(values, shape), dy = tf.cos(x) as tf.Tensor4D;
      const found = averageNeighbors(x), gradient = tf.grad((x) => averageNeighbors(x as tf.Tensor4D))(x, dy);
      const [out, back, changes] = await Promise.all([found.data(), gradient.data(), dy.data()]);
      tf.dispose([x, dy, found, gradient]);
      equal(tf.memory().numTensors, before);
      const near = (a: number, b: number) => ok(Math.abs(a - b) <= Math.max(tolerance, 1e-5), `${a}, not ${b}`);
      for (let b = 0; b < n; b++) {
        for (let c = 0; c < channels; c++) {
          const at = (pixel: number) => (b * size + pixel) * channels + c;
          for (let k = 0; k < size; k++) {
            near(out[at(k)]!, matrix[k]!.reduce((sum, weight, i) => sum + weight * values[at(i)]!, 0));
            near(back[at(k)]!, matrix.reduce((sum, row, i) => sum + row[k]! * changes[at(i)]!, 0));
          }
        }
      }
    });
  }
});
