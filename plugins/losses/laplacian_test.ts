import { ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { gradientError, input, noise, NONE, onCpu, type Shape, value } from "./_testing.ts";
import { doubleSize } from "./double_size.ts";
import { laplacian } from "./laplacian.ts";

const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

/** Computes the loss by its definition, one value at a time, for frames whose sides are powers of two. */
function byHand(difference: number[][], levels: number): number {
  let rest = difference, sum = 0;
  const mean = (x: number[][]) => x.flat().reduce((a, b) => a + Math.abs(b), 0) / x.flat().length;
  for (let i = 0; i < levels && rest.length / 2 >= 4; i++) {
    const size = rest.length / 2, fine = rest;
    const half = Array.from(
      { length: size },
      (_, y) =>
        Array.from(
          { length: size },
          (_, x) =>
            (fine[2 * y]![2 * x]! + fine[2 * y]![2 * x + 1]! + fine[2 * y + 1]![2 * x]! +
              fine[2 * y + 1]![2 * x + 1]!) /
            4,
        ),
    );
    const clamp = (k: number) => Math.min(Math.max(k, 0), size - 1);
    const up = (y: number, x: number) => {
      const py = (y + 0.5) / 2 - 0.5, px = (x + 0.5) / 2 - 0.5, y0 = Math.floor(py), x0 = Math.floor(px);
      const at = (dy: number, dx: number) => half[clamp(y0 + dy)]![clamp(x0 + dx)]!;
      const top = at(0, 0) * (1 - px + x0) + at(0, 1) * (px - x0);
      const bottom = at(1, 0) * (1 - px + x0) + at(1, 1) * (px - x0);
      return top * (1 - py + y0) + bottom * (py - y0);
    };
    sum += mean(rest.map((row, y) => row.map((value, x) => value - up(y, x)))) * 2 ** i / 4;
    rest = half;
  }
  return sum + mean(rest) * 2 ** levels / 4;
}

Deno.test("laplacian() equals its definition", () =>
  onCpu(() => {
    for (const [size, levels] of [[8, 1], [16, 4], [16, 2], [4, 4]] as const) {
      const shape: Shape = [1, size, size, 1];
      const groundTruth = noise(shape, 1), frames = noise(shape, 2);
      const difference = (tf.sub(frames, groundTruth).arraySync() as number[][][][])[0]!.map((row) =>
        row.map(([v]) => v!)
      );
      near(
        value(laplacian({ levels }).compute(NONE, input({ groundTruth, output: { frames } }))),
        byHand(difference, levels),
      );
    }
  }));

Deno.test("laplacian() counts a constant difference once, in the rest", () =>
  onCpu(() => {
    const groundTruth = tf.fill([1, 64, 64, 3], 0.25) as tf.Tensor4D,
      frames = tf.fill([1, 64, 64, 3], 0.75) as tf.Tensor4D;
    near(value(laplacian().compute(NONE, input({ groundTruth, output: { frames } }))), 0.5 * 16 / 4);
  }));

Deno.test("laplacian() accepts frames of odd sizes", () =>
  onCpu(() => {
    const frames = tf.fill([2, 9, 11, 3], 0.5) as tf.Tensor4D, groundTruth = tf.zeros([2, 9, 11, 3]) as tf.Tensor4D;
    near(value(laplacian({ levels: 1 }).compute(NONE, input({ groundTruth, output: { frames } }))), 0.5 * 2 / 4);
  }));

Deno.test("laplacian() has the gradient of finite differences", () =>
  onCpu(() => {
    const groundTruth = noise([1, 8, 10, 2], 1);
    const loss = (frames: tf.Tensor4D) => laplacian().compute(NONE, input({ groundTruth, output: { frames } }));
    const error = gradientError(loss, noise([1, 8, 10, 2], 2), 1e-3);
    ok(error < 2e-2, `${error}`);
  }));

Deno.test("laplacian() rejects a number of levels outside of its range", () => {
  for (const levels of [0, 9, 1.5]) throws(() => laplacian({ levels }), RangeError);
});

Deno.test("doubleSize() equals the bilinear resize with half-pixel centers, and its gradient", () =>
  onCpu(() => {
    const x = noise([2, 3, 4, 3], 1);
    const wanted = tf.image.resizeBilinear(x, [6, 8], false, true);
    near(tf.max(tf.abs(tf.sub(doubleSize(x), wanted))).dataSync()[0]!, 0);
    near(tf.max(tf.abs(tf.sub(doubleSize(noise([1, 1, 1, 1], 2)), noise([1, 1, 1, 1], 2)))).dataSync()[0]!, 0);
    const weights = noise([2, 6, 8, 3], 3);
    const error = gradientError((x) => tf.sum(tf.mul(doubleSize(x), weights)), x);
    ok(error < 1e-3, `${error}`);
  }));
