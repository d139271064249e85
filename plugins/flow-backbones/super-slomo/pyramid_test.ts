import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { registerGradients } from "@slomo/engine";
import { distance, onWasm, plainWarp, randomTensor, tensorsMadeBy } from "./_testing.ts";
import { estimateOnLevels } from "./pyramid.ts";

const [WIDTH, HEIGHT] = [48, 24];

/** Returns an image whose red rises by one per pixel to the right and whose green rises downwards, moved by (dx, dy). */
const ramp = (dx: number, dy: number) =>
  tf.tidy(() => {
    const xs = tf.tile(tf.reshape(tf.sub(tf.range(0, WIDTH), dx), [1, 1, WIDTH, 1]), [1, HEIGHT, 1, 1]);
    const ys = tf.tile(tf.reshape(tf.sub(tf.range(0, HEIGHT), dy), [1, HEIGHT, 1, 1]), [1, 1, WIDTH, 1]);
    return tf.concat([xs, ys, tf.zerosLike(xs)], 3) as tf.Tensor4D;
  });

/** Estimates `share` of the motion between two ramps from their difference and their slope. */
const rampEstimator = (share: number, seen: number[][] = []) => (first: tf.Tensor4D, second: tf.Tensor4D) =>
  tf.tidy(() => {
    seen.push([...first.shape]);
    const slope = WIDTH / first.shape[2];
    const motion = tf.mul(tf.sub(first, second), share / slope);
    const [dx, dy] = tf.split(motion, 3, 3) as [tf.Tensor4D, tf.Tensor4D];
    return tf.concat([dx, dy, tf.neg(dx), tf.neg(dy)], 3) as tf.Tensor4D;
  });

/** Returns the largest error of flow that should be (dx, dy, −dx, −dy), without the borders. */
const error = (flow: tf.Tensor4D, dx: number, dy: number) => {
  const middle = tf.slice(flow, [0, 8, 16, 0], [1, HEIGHT - 16, WIDTH - 32, 4]);
  return tf.max(tf.abs(tf.sub(middle, [dx, dy, -dx, -dy]))).dataSync()[0]!;
};

/** Returns the flow of the last level, and frees the others. */
function finestFlow(...given: Parameters<typeof estimateOnLevels>): tf.Tensor4D {
  const flows = estimateOnLevels(...given), finest = flows.pop()!;
  tf.dispose(flows);
  return finest;
}

Deno.test("estimateOnLevels() returns each level in its size, and no gradient flows between levels", async () => {
  await registerGradients();
  await onWasm(() => {
    const first = ramp(0, 0), second = ramp(4, 0);
    const flows = (share: tf.Tensor) => {
      const estimate = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.mul(rampEstimator(1)(a, b), share) as tf.Tensor4D;
      return estimateOnLevels(estimate, first, second, [0.5, 1], plainWarp);
    };
    equal(flows(tf.scalar(0.5)).map(({ shape }) => shape), [[1, 12, 24, 4], [1, 24, 48, 4]]);
    const slope = (level: number) =>
      tf.grad((share: tf.Tensor) => {
        const [, h, w] = flows(share)[level]!.shape as [number, number, number, number];
        return tf.mean(tf.slice(flows(share)[level]!, [0, h / 3, w / 3, 0], [1, h / 3, w / 3, 1]));
      })(tf.scalar(0.5)).dataSync()[0]!;
    ok(Math.abs(slope(0) - 2) < 1e-4);
    ok(Math.abs(slope(1) - 4 * 0.5) < 1e-4);
  });
});

Deno.test("estimateOnLevels() estimates the residual at each level, in pixels of the frames", () =>
  onWasm(() => {
    const first = ramp(0, 0), second = ramp(5, -2);
    for (const levels of [[1], [0.5, 1], [0.25, 0.5, 1], [0.25, 0.5], [0.25, 1], [0.25]]) {
      const flow = finestFlow(rampEstimator(0.8), first, second, levels, plainWarp);
      equal(flow.shape, [1, HEIGHT, WIDTH, 4]);
      const left = 0.2 ** levels.length, found = 1 - left;
      ok(error(flow, 5 * found, -2 * found) < 1e-3, `levels ${levels}`);
    }
  }));

Deno.test("estimateOnLevels() with one pass estimates both directions at the pixels of the first frame", async () => {
  await registerGradients();
  await onWasm(() => {
    const first = ramp(0, 0), second = ramp(5, -2), seen: number[][] = [];
    for (const levels of [[0.5, 1], [0.25, 0.5, 1], [0.125, 0.25, 0.5]]) {
      const flow = estimateOnLevels(rampEstimator(0.8, seen), first, second, levels, plainWarp, 1).pop()!;
      const found = 1 - 0.2 ** levels.length;
      ok(error(flow, 5 * found, -2 * found) < 1e-3, `levels ${levels}`);
    }
    ok(seen.every(([batch]) => batch === 1));

    // The change of the backward flow is read where the backward flow of the level before points to.
    const still = tf.zeros([1, 2, 8, 3]) as tf.Tensor4D, place = tf.reshape(tf.range(0, 8), [1, 1, 8, 1]);
    const changes = tf.tile(tf.concat([tf.zeros([1, 1, 8, 2]), place, tf.zeros([1, 1, 8, 1])], 3), [1, 2, 1, 1]);
    const estimate = ({ shape: [n, h, w] }: tf.Tensor4D) =>
      (w === 8 ? changes : tf.tile(tf.tensor4d([0, 0, -1, 0], [1, 1, 1, 4]), [n, h, w, 1])) as tf.Tensor4D;
    const [, backward] = tf.split(estimateOnLevels(estimate, still, still, [0.5, 1], plainWarp, 1)[1]!, 2, 3);
    const expected = [0, 0, 0, 1, 2, 3, 4, 5].map((change) => change - 2);
    ok(distance(tf.slice(backward!, [0, 0, 0, 0], [1, 1, 8, 1]), expected) < 1e-5);
  });
});

Deno.test("estimateOnLevels() estimates once per level, with both directions in one batch from the second level on", () =>
  onWasm(() => {
    const seen: number[][] = [];
    estimateOnLevels(rampEstimator(1, seen), ramp(0, 0), ramp(1, 0), [0.25, 0.5, 1], plainWarp);
    equal(seen, [[1, 6, 12, 3], [2, 12, 24, 3], [2, 24, 48, 3]]);
  }));

Deno.test("estimateOnLevels() with level 1 only runs the estimator on the frames", () =>
  onWasm(() => {
    const [first, second] = [randomTensor([2, 5, 7, 3], 1), randomTensor([2, 5, 7, 3], 2)];
    const estimate = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.slice(tf.concat([a, b], 3), [0, 0, 0, 1], [2, 5, 7, 4]);
    equal(distance(finestFlow(estimate, first, second, [1], plainWarp), estimate(first, second)), 0);
  }));

Deno.test("estimateOnLevels() scales frames down by means of pixels, with repeated edges for sizes that are not multiples", () =>
  onWasm(() => {
    const frame = tf.tensor4d([0, 2, 4, 6, 8, 12], [1, 2, 3, 1]);
    let seen: number[] = [];
    const estimate = (a: tf.Tensor4D) => {
      seen = [...a.dataSync()];
      return tf.zeros([1, a.shape[1], a.shape[2], 4]) as tf.Tensor4D;
    };
    equal(finestFlow(estimate, frame, frame, [0.5], plainWarp).shape, [1, 2, 3, 4]);
    equal(seen, [4, 8]);
    estimateOnLevels(estimate, frame, frame, [0.25], plainWarp);
    equal(seen, [7.75]);
  }));

Deno.test("estimateOnLevels() returns flow of any size down to one pixel, and leaks no tensors", () =>
  onWasm(() => {
    for (const [h, w] of [[1, 1], [1, 5], [7, 2], [9, 13]] as const) {
      const frame = randomTensor([1, h, w, 3], h);
      const estimate = (a: tf.Tensor4D) => tf.fill([a.shape[0], a.shape[1], a.shape[2], 4], 0.5) as tf.Tensor4D;
      const made = tensorsMadeBy(() => {
        const flow = finestFlow(estimate, frame, frame, [0.25, 0.5], plainWarp);
        ok(distance(flow, Array(h * w * 4).fill(2 + 1)) < 1e-6);
      });
      equal(made, 1);
    }
  }));
