import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { registerGradients } from "../engine/gradients.ts";
import { eachBackend } from "../engine/_testing.ts";
import { leakyConvolution } from "./leaky_convolution.ts";

const SLOPE = 0.1, STEP = 1e-2;

function noise(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const s = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return s - Math.floor(s) - 0.5;
  });
}

/** Sizes of a case: images, rows, columns, input channels, output channels, filter size, stride, padding in pixels or as needed. */
const CASES = [
  [1, 4, 5, 2, 3, 3, 1, "same"],
  [2, 3, 4, 3, 2, 5, 1, "same"],
  [1, 4, 6, 2, 3, 6, 2, "same"],
  [2, 4, 8, 1, 2, 4, 4, "same"],
  [1, 4, 6, 2, 3, 3, 2, 1],
] as const;

/** Rows and columns of the result. */
const sizeOf = ([, h, w, , , , stride]: typeof CASES[number]) => [h / stride, w / stride] as const;

/** Computes the op by its definition in double precision. */
function reference(
  sizes: typeof CASES[number],
  x: Float32Array,
  filter: Float32Array,
  bias: Float32Array,
): Float64Array {
  const [n, h, w, inputs, outputs, side, stride, pad] = sizes, [rows, columns] = sizeOf(sizes);
  const out = new Float64Array(n * rows * columns * outputs),
    reach = pad === "same" ? Math.floor((side - stride) / 2) : pad;
  out.forEach((_, place) => {
    const o = place % outputs, column = Math.floor(place / outputs) % columns;
    const row = Math.floor(place / outputs / columns) % rows, image = Math.floor(place / outputs / columns / rows);
    let sum = bias[o]!;
    for (let a = 0; a < side; a++) {
      for (let b = 0; b < side; b++) {
        const y = stride * row + a - reach, z = stride * column + b - reach;
        if (y < 0 || y >= h || z < 0 || z >= w) continue;
        for (let i = 0; i < inputs; i++) {
          sum += x[((image * h + y) * w + z) * inputs + i]! * filter[((a * side + b) * inputs + i) * outputs + o]!;
        }
      }
    }
    out[place] = sum > 0 ? sum : SLOPE * sum;
  });
  return out;
}

await eachBackend("leakyConvolution()", async (t, { tolerance }) => {
  await registerGradients();
  for (const sizes of CASES) {
    const [n, h, w, inputs, outputs, side, stride, pad] = sizes,
      [rows, columns] = sizeOf(sizes),
      name = sizes.join(" × ");
    const values = [noise(n * h * w * inputs, 1), noise(side * side * inputs * outputs, 2), noise(outputs, 3)] as const;
    const shapes = [[n, h, w, inputs], [side, side, inputs, outputs], [outputs]];
    const weights = noise(n * rows * columns * outputs, 4);
    const tensors = () => values.map((value, k) => tf.tensor(value, shapes[k]!));
    const apply = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      leakyConvolution(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, SLOPE, stride, pad);

    await t.step(`agrees with its definition for ${name}`, async () => {
      const given = tensors(), out = apply(given[0]!, given[1]!, given[2]!), expected = reference(sizes, ...values);
      (await out.data()).forEach((value, i) => ok(Math.abs(value - expected[i]!) <= Math.max(tolerance, 1e-5)));
      tf.dispose([...given, out]);
    });

    await t.step(
      `has the gradients of finite differences of its definition for ${name}, and leaks no tensors`,
      async () => {
        const given = tensors(),
          scale = tf.tensor(weights, [n, rows, columns, outputs]),
          before = tf.memory().numTensors;
        const gradients = tf.grads((x, filter, bias) => tf.sum(tf.mul(apply(x, filter, bias), scale)))(given);
        for (const [which, gradient] of gradients.entries()) {
          const found = await gradient.data();
          found.forEach((value, i) => {
            const at = (change: number) => {
              const moved = values.map((v, k) => k === which ? v.map((u, j) => j === i ? u + change : u) : v);
              const out = reference(sizes, ...moved as unknown as [Float32Array, Float32Array, Float32Array]);
              return out.reduce((sum, v, k) => sum + v * weights[k]!, 0);
            };
            const forward = (at(STEP) - at(0)) / STEP, backward = (at(0) - at(-STEP)) / STEP;
            // If a value crosses zero within the step, the slopes on both sides differ and cannot be compared.
            if (Math.abs(forward - backward) < 1e-6) ok(Math.abs(value - forward) < 1e-3, `${which}, ${i}`);
          });
        }
        tf.dispose(gradients);
        equal(tf.memory().numTensors, before);
        tf.dispose([...given, scale]);
      },
    );
  }

  await t.step("computes no gradient of a constant input", async () => {
    const image = tf.ones([1, 6, 6, 2]) as tf.Tensor4D, filter = tf.ones([3, 3, 2, 4]), bias = tf.zeros([4]);
    const loss = (filter: tf.Tensor, bias: tf.Tensor) =>
      tf.sum(leakyConvolution(image, filter as tf.Tensor4D, bias as tf.Tensor1D, SLOPE));
    const { kernelNames } = await tf.profile(() => tf.grads(loss)([filter, bias]));
    equal([tf.Conv2DBackpropFilter, tf.Conv2DBackpropInput].map((name) => kernelNames.includes(name)), [true, false]);
  });
});
