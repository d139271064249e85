import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { registerGradients } from "../engine/gradients.ts";
import { eachBackend } from "../engine/_testing.ts";
import { backwardWarp } from "./backward_warp.ts";

type Shape = [number, number, number, number];

/** `tf.tidy` for async tests: some backends return values only asynchronously. */
async function scoped(test: () => Promise<void>): Promise<void> {
  tf.engine().startScope();
  await test();
  tf.engine().endScope();
}

/** Returns pseudorandom values, the same each time. */
function noise(shape: Shape, seed: number, scale = 1): tf.Tensor4D {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => {
    const s = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return scale * (s - Math.floor(s) - 0.5);
  });
  return tf.tensor4d(values, shape);
}

/** Computes the warp by its definition in double precision. */
async function reference(image: tf.Tensor4D, flow: tf.Tensor4D): Promise<number[]> {
  const [n, h, w, c] = image.shape, [t, rows, columns] = flow.shape, I = await image.array(), F = await flow.array();
  const out: number[] = [], stride = h / rows, center = (stride - 1) / 2;
  for (let b = 0; b < t; b++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        for (let k = 0; k < c; k++) {
          const px = Math.min(Math.max(stride * x + center + F[b]![y]![x]![0]!, 0), w - 1);
          const py = Math.min(Math.max(stride * y + center + F[b]![y]![x]![1]!, 0), h - 1);
          let sum = 0;
          for (let yy = 0; yy < h; yy++) {
            for (let xx = 0; xx < w; xx++) {
              const weight = Math.max(0, 1 - Math.abs(px - xx)) * Math.max(0, 1 - Math.abs(py - yy));
              sum += weight * I[n === 1 ? 0 : b]![yy]![xx]![k]!;
            }
          }
          out.push(sum);
        }
      }
    }
  }
  return out;
}

const CASES: readonly [name: string, image: Shape, flows: number, scale: number, stride?: number][] = [
  ["small motion", [1, 5, 7, 3], 1, 2],
  ["a batch", [2, 4, 6, 3], 2, 3],
  ["one image for many flows", [1, 4, 6, 2], 3, 3],
  ["motion far outside", [1, 4, 5, 3], 1, 1000],
  ["one pixel", [1, 1, 1, 3], 1, 4],
  ["one row and one column", [1, 1, 9, 1], 1, 6],
  ["one position per 2×2 pixels", [2, 4, 6, 3], 2, 3, 2],
  ["one position per 3×3 pixels, and three flows", [1, 6, 9, 2], 3, 3, 3],
];

await eachBackend("backwardWarp()", async (t, { tolerance }) => {
  await registerGradients();
  for (const [name, shape, flows, scale, stride = 1] of CASES) {
    await t.step(`agrees with its definition for ${name}`, () =>
      scoped(async () => {
        const image = noise(shape, 1), flow = noise([flows, shape[1] / stride, shape[2] / stride, 2], 2, scale);
        const out = await backwardWarp(image, flow).data(), expected = await reference(image, flow);
        out.forEach((value, i) =>
          ok(Math.abs(value - expected[i]!) <= Math.max(tolerance, 1e-4), `${value}, not ${expected[i]}`)
        );
      }));
  }

  await t.step("is exactly the identity for zero flow", () =>
    scoped(async () => {
      const image = noise([1, 9, 13, 3], 3, 1e3);
      equal(await backwardWarp(image, tf.zeros([1, 9, 13, 2])).data(), await image.data());
    }));

  await t.step("moves whole pixels exactly", () =>
    scoped(async () => {
      const image = noise([1, 4, 6, 1], 4);
      const flow = tf.tile(tf.tensor4d([2, -1], [1, 1, 1, 2]), [1, 4, 6, 1]) as tf.Tensor4D;
      const out = await backwardWarp(image, flow).array(), source = await image.array();
      for (let y = 1; y < 4; y++) for (let x = 0; x < 4; x++) equal(out[0]![y]![x], source[0]![y - 1]![x + 2]);
    }));

  await t.step("samples within the image for flow that is NaN", () =>
    scoped(async () => {
      const flow = tf.fill([1, 3, 3, 2], NaN) as tf.Tensor4D;
      const out = await backwardWarp(noise([1, 3, 3, 1], 5), flow).data();
      out.forEach((value) => ok(!(Math.abs(value) > 0.5)));
    }));

  await t.step("has the gradients of finite differences in image and flow", () =>
    scoped(async () => {
      for (const [n, flows, stride] of [[1, 1, 1], [1, 2, 1], [2, 2, 1], [1, 2, 2]] as const) {
        const image = noise([n, 3 * stride, 4 * stride, 2], 6),
          flow = noise([flows, 3, 4, 2], 7, 5),
          weights = noise([flows, 3, 4, 2], 8);
        const value = (image: tf.Tensor, flow: tf.Tensor) =>
          tf.sum(tf.mul(backwardWarp(image as tf.Tensor4D, flow as tf.Tensor4D), weights)) as tf.Scalar;
        const gradients = await Promise.all(tf.grads(value)([image, flow]).map((gradient) => gradient.data()));
        for (const [which, input] of [image, flow].entries()) {
          const values = await input.data(), step = 1e-2;
          for (let i = 0; i < values.length; i++) {
            const at = async (change: number) => {
              const moved = tf.tensor(values.map((v, j) => j === i ? v + change : v), input.shape);
              return (await value(which === 0 ? moved : image, which === 0 ? flow : moved).data())[0]!;
            };
            const slope = (await at(step) - await at(-step)) / (2 * step);
            const isKink = which === 1 && crossesPixel(values[i]!, i, step, stride);
            if (!isKink) {
              ok(
                Math.abs(slope - gradients[which]![i]!) < 5e-3,
                `input ${which}, ${i}: ${gradients[which]![i]}, not ${slope}`,
              );
            }
          }
        }
      }
    }));

  await t.step(
    "has the gradient of the border for infinite flow, and samples within the image for NaN",
    () =>
      scoped(async () => {
        const image = noise([1, 3, 4, 2], 12);
        const gradientsAt = async (...start: readonly number[]) => {
          const flow = tf.tensor4d(Float32Array.from({ length: 24 }, (_, i) => start[i] ?? 0), [1, 3, 4, 2]);
          const sum = (image: tf.Tensor, flow: tf.Tensor) =>
            tf.sum(backwardWarp(image as tf.Tensor4D, flow as tf.Tensor4D)) as tf.Scalar;
          return await Promise.all(tf.grads(sum)([image, flow]).map((gradient) => gradient.data()));
        };
        const endless = await gradientsAt(Infinity, -Infinity, -Infinity), far = await gradientsAt(1e6, -1e6, -1e6);
        for (const which of [0, 1]) endless[which]!.forEach((value, i) => ok(Math.abs(value - far[which]![i]!) < 1e-3));
        const [ofImage] = await gradientsAt(NaN, NaN);
        // All but the four pixels of the upper left corner were read once, at their own positions.
        for (const i of [4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 22, 23]) equal(ofImage![i], 1);
      }),
  );

  await t.step("leaks no tensor", () => {
    const before = tf.memory().numTensors;
    const image = noise([1, 3, 4, 2], 9), flow = noise([1, 3, 4, 2], 10);
    const gradient = tf.grads((image: tf.Tensor, flow: tf.Tensor) =>
      tf.sum(backwardWarp(image as tf.Tensor4D, flow as tf.Tensor4D)) as tf.Scalar
    )([image, flow]);
    tf.dispose([image, flow, ...gradient]);
    equal(tf.memory().numTensors, before);
  });

  await t.step("rejects shapes that do not match", () => {
    tf.tidy(() => {
      const image = noise([1, 3, 4, 2], 11);
      throws(() => backwardWarp(image, noise([1, 3, 5, 2], 1)), /got image \[1,3,4,2\] and flow \[1,3,5,2\]/);
      throws(() => backwardWarp(image, noise([1, 3, 4, 3], 1)), RangeError);
      throws(() => backwardWarp(image, noise([1, 1, 4, 2], 1)), RangeError);
      throws(() => backwardWarp(noise([2, 3, 4, 2], 1), noise([3, 3, 4, 2], 1)), RangeError);
    });
  });
});

/** Returns whether a position crosses a pixel or the border of the image within a step, where the slope is discontinuous. */
function crossesPixel(flow: number, index: number, step: number, stride: number): boolean {
  const pixel = index % 2 === 0 ? Math.floor(index / 2) % 4 : Math.floor(index / 8) % 3;
  const place = flow + stride * pixel + (stride - 1) / 2;
  return Math.floor(place - step) !== Math.floor(place + step);
}
