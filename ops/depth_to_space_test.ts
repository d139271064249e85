import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { eachBackend } from "../engine/_testing.ts";
import { registerGradients } from "../engine/gradients.ts";
import { depthToSpace } from "./depth_to_space.ts";

/** The channel of a pixel in a block: `(dy · block + dx) · channels + c`. */
function reference(x: readonly number[], [n, h, w, c]: readonly [number, number, number, number], block: number) {
  const channels = c / block ** 2, out: number[] = [];
  for (let image = 0; image < n; image++) {
    for (let y = 0; y < h * block; y++) {
      for (let column = 0; column < w * block; column++) {
        const row = Math.floor(y / block), from = Math.floor(column / block);
        const first = (y % block * block + column % block) * channels;
        for (let k = 0; k < channels; k++) out.push(x[((image * h + row) * w + from) * c + first + k]!);
      }
    }
  }
  return out;
}

const CASES = [[[1, 2, 3, 8], 2], [[2, 1, 2, 16], 4], [[1, 2, 2, 3], 1]] as const;

await eachBackend("depthToSpace()", async (t) => {
  await registerGradients();
  for (const [shape, block] of CASES) {
    await t.step(
      `moves channels to blocks of ${block}, its gradient moves them back, and nothing is left`,
      async () => {
        const before = tf.memory().numTensors, size = shape.reduce<number>((a, b) => a * b, 1);
        const places = Array.from({ length: size }, (_, i) => i), x = tf.tensor4d(places, [...shape]);
        const out = depthToSpace(x, block), [n, h, w, c] = shape;
        equal(out.shape, [n, h * block, w * block, c / block ** 2]);
        equal([...await out.data()], reference(places, shape, block));
        // Each output is weighed by the place that it came from, so that the gradient of each place is that place.
        const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(depthToSpace(x as tf.Tensor4D, block), out)))(x);
        equal([...await gradient.data()], places);
        tf.dispose([x, out, gradient]);
        equal(tf.memory().numTensors, before);
      },
    );
  }

  await t.step("refuses channels that do not divide into blocks", () => {
    const x = tf.zeros([1, 1, 1, 6]) as tf.Tensor4D;
    for (const block of [2, 0, 1.5]) {
      throws(() => depthToSpace(x, block), (error) => {
        ok(error instanceof RangeError && error.message.includes(`6 channels do not divide into blocks of ${block}×`));
        return true;
      });
    }
    x.dispose();
  });
});
