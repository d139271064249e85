import { deepStrictEqual as equal, ok } from "node:assert/strict";
import type { Parameters, ParameterSpec } from "@slomo/core";
import { registerGradients } from "@slomo/engine";
import * as tf from "@tensorflow/tfjs-core";
import { distance, onWasm, randomParameters, randomTensor, slopeError, tensorsMadeBy } from "./_testing.ts";
import { multipleOf, unet, unetParameters } from "./unet.ts";

const TINY = { inputs: 3, outputs: 2, width: 1 / 32, firstKernel: 7, secondKernel: 5 };

/** Channels, rows, columns. */
type Planes = number[][][];

const map = (height: number, width: number, value: (y: number, x: number) => number): number[][] =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => value(y, x)));

const clamped = (plane: number[][], y: number, x: number) => {
  const row = plane[Math.min(Math.max(y, 0), plane.length - 1)]!;
  return row[Math.min(Math.max(x, 0), row.length - 1)]!;
};

function convolved(parameters: Parameters, name: string, x: Planes, leaky: boolean, stride = 1): Planes {
  const filter = parameters[`${name}.weight`]!, weight = filter.dataSync();
  const bias = parameters[`${name}.bias`]!.dataSync();
  const [k, , inputs, outputs] = filter.shape as [number, number, number, number];
  const before = (k - stride) / 2;
  return Array.from(
    { length: outputs },
    (_, o) =>
      map(x[0]!.length / stride, x[0]![0]!.length / stride, (y, column) => {
        let sum = bias[o]!;
        for (let a = 0; a < k; a++) {
          for (let b = 0; b < k; b++) {
            for (let i = 0; i < inputs; i++) {
              const value = x[i]![y * stride + a - before]?.[column * stride + b - before] ?? 0;
              sum += value * weight[((a * k + b) * inputs + i) * outputs + o]!;
            }
          }
        }
        return leaky && sum < 0 ? 0.1 * sum : sum;
      }),
  );
}

const halved = (x: Planes): Planes =>
  x.map((plane) =>
    map(
      plane.length / 2,
      plane[0]!.length / 2,
      (y, x) => [0, 1].flatMap((a) => [0, 1].map((b) => plane[2 * y + a]![2 * x + b]!)).reduce((a, b) => a + b) / 4,
    )
  );

const doubled = (x: Planes): Planes =>
  x.map((plane) =>
    map(2 * plane.length, 2 * plane[0]!.length, (y, x) => {
      const near = (i: number) => Math.floor(i / 2), far = (i: number) => near(i) + (i % 2 === 0 ? -1 : 1);
      const column = (row: number) => 0.75 * clamped(plane, row, near(x)) + 0.25 * clamped(plane, row, far(x));
      return 0.75 * column(near(y)) + 0.25 * column(far(y));
    })
  );

/** Channels of blocks as pixels: the row in the block counts before the column, and both before the channel. */
const unblocked = (x: Planes, side: number): Planes => {
  const channels = x.length / side ** 2;
  return Array.from({ length: channels }, (_, c) =>
    map(x[0]!.length * side, x[0]![0]!.length * side, (y, column) => {
      const plane = x[(y % side * side + column % side) * channels + c]!;
      return plane[Math.floor(y / side)]![Math.floor(column / side)]!;
    }));
};

/** Computes the UNet as the paper describes it, in loops, for sizes that its hierarchies halve without remainder. */
function plainUnet(parameters: Parameters, x: Planes, hierarchies = 6, reduction = 1): Planes {
  const twice = (name: string, x: Planes, stride = 1) =>
    convolved(parameters, `${name}.conv2`, convolved(parameters, `${name}.conv1`, x, true, stride), true);
  const features = [twice("encoder.0", x, reduction)], deepest = hierarchies - 1;
  for (let i = 1; i < hierarchies; i++) features.push(twice(`encoder.${i}`, halved(features[i - 1]!)));
  let up = features[deepest]!;
  for (let j = 0; j < deepest; j++) {
    const first = convolved(parameters, `decoder.${j}.conv1`, doubled(up), true);
    up = convolved(parameters, `decoder.${j}.conv2`, [...first, ...features[deepest - 1 - j]!], true);
  }
  return unblocked(convolved(parameters, "output", up, false), reduction);
}

const planesOf = (x: tf.Tensor4D) => (tf.transpose(x, [0, 3, 1, 2]).arraySync() as number[][][][])[0]!;
const count = (specs: readonly ParameterSpec[]) =>
  specs.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);

Deno.test("unet() computes the network of the paper", () =>
  onWasm(() => {
    const parameters = randomParameters(unetParameters(TINY), 1), x = randomTensor([1, 32, 64, 3], 2, -1);
    const expected = plainUnet(parameters, planesOf(x)).flat(2);
    const found = tf.transpose(unet(parameters, x), [0, 3, 1, 2]);
    ok(Math.max(...expected.map(Math.abs)) > 0.1);
    ok(distance(found, expected) < 1e-4);
  }));

Deno.test("unet() with other channels and a reduction computes blocks of pixels from blocks of pixels", () =>
  onWasm(() => {
    for (const [channels, reduction] of [[[8, 4, 6], 2], [[4, 12], 4], [[6, 4, 4, 5], 1]] as const) {
      const shape = { ...TINY, width: 1, firstKernel: 3, secondKernel: 5, channels, reduction };
      const parameters = randomParameters(unetParameters(shape), 1), multiple = multipleOf(shape);
      equal(multiple, reduction * 2 ** (channels.length - 1));
      const x = randomTensor([1, multiple - 1, 2 * multiple, 3], 2, -1);
      const planes = planesOf(x).map((plane) => map(multiple, 2 * multiple, (y, x) => clamped(plane, y, x)));
      const expected = plainUnet(parameters, planes, channels.length, reduction).map((plane) => plane.slice(0, -1));
      const found = unet(parameters, x, shape);
      equal(found.shape, [1, multiple - 1, 2 * multiple, 2]);
      ok(Math.max(...expected.flat(2).map(Math.abs)) > 0.1);
      ok(distance(tf.transpose(found, [0, 3, 1, 2]), expected.flat(2)) < 1e-4);
    }
  }));

Deno.test("unet() pads other sizes with edge pixels on the right and below and crops the output, down to one pixel", () =>
  onWasm(() => {
    const parameters = randomParameters(unetParameters(TINY), 1);
    for (const [h, w] of [[1, 1], [2, 33], [31, 5]] as const) {
      const x = randomTensor([1, h, w, 3], 3);
      const planes = planesOf(x).map((plane) =>
        map(32 * Math.ceil(h / 32), 32 * Math.ceil(w / 32), (y, x) => clamped(plane, y, x))
      );
      const expected = plainUnet(parameters, planes).map((plane) => plane.slice(0, h).map((row) => row.slice(0, w)));
      const found = unet(parameters, x);
      equal(found.shape, [1, h, w, 2]);
      ok(distance(tf.transpose(found, [0, 3, 1, 2]), expected.flat(2)) < 1e-4);
    }
  }));

Deno.test("unet() computes each member of a batch independently, and leaks no tensors", () =>
  onWasm(() => {
    const parameters = randomParameters(unetParameters(TINY), 1), x = randomTensor([2, 8, 8, 3], 4);
    let both = tf.zeros([1]);
    equal(tensorsMadeBy(() => both = tf.keep(unet(parameters, x))), 1);
    const second = unet(parameters, tf.slice(x, [1, 0, 0, 0]));
    ok(distance(tf.slice(both as tf.Tensor4D, [1, 0, 0, 0]), second) < 1e-6);
    both.dispose();
  }));

Deno.test("unet() is differentiable in its input and in every parameter", async () => {
  await registerGradients();
  await onWasm(() => {
    const specs = unetParameters(TINY), parameters = randomParameters(specs, 1);
    const x = randomTensor([1, 20, 9, 3], 5), weights = randomTensor([1, 20, 9, 2], 6, -1);
    const names = Object.keys(parameters);
    const loss = ([x, ...values]: tf.Tensor[]) => {
      const moved = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
      return tf.sum(tf.mul(unet(moved, x as tf.Tensor4D), weights)) as tf.Scalar;
    };
    ok(slopeError(loss, [x, ...Object.values(parameters)], 1e-5) < 0.02);
    for (
      const [name, step] of [
        ["encoder.0.conv1.weight", 1e-5],
        ["encoder.5.conv2.bias", 3e-3],
        ["decoder.0.conv1.weight", 1e-3],
        ["output.weight", 1e-2],
      ] as const
    ) {
      const one = ([value]: tf.Tensor[]) =>
        tf.sum(tf.mul(unet({ ...parameters, [name]: value! }, x), weights)) as tf.Scalar;
      ok(slopeError(one, [parameters[name]!], step) < 0.02, name);
    }
    const gradients = tf.grads((...inputs: tf.Tensor[]) => loss(inputs))([x, ...Object.values(parameters)]);
    for (const [i, gradient] of gradients.slice(1).entries()) ok(tf.max(tf.abs(gradient)).dataSync()[0]! > 0, names[i]);
  });
});

Deno.test("unet() with a reduction is differentiable in its input and in every parameter", async () => {
  await registerGradients();
  await onWasm(() => {
    for (const reduction of [2, 4]) {
      const shape = { ...TINY, width: 1, channels: [5, 4], firstKernel: 3, reduction };
      const parameters = randomParameters(unetParameters(shape), 1), names = Object.keys(parameters);
      const x = randomTensor([1, 4 * reduction, 8 * reduction - 1, 3], 5);
      const weights = randomTensor([1, 4 * reduction, 8 * reduction - 1, 2], 6, -1);
      const loss = ([x, ...values]: tf.Tensor[]) => {
        const moved = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
        return tf.sum(tf.mul(unet(moved, x as tf.Tensor4D, shape), weights)) as tf.Scalar;
      };
      ok(slopeError(loss, [x, ...Object.values(parameters)], 1e-5) < 0.02);
      for (const name of names) {
        const one = ([value]: tf.Tensor[]) =>
          tf.sum(tf.mul(unet({ ...parameters, [name]: value! }, x, shape), weights)) as tf.Scalar;
        // Long steps cross kinks of the leaky ReLUs, short ones round.
        const errors = [1e-3, 1e-4, 1e-5].map((step) => slopeError(one, [parameters[name]!], step));
        ok(Math.min(...errors) < 0.02, `${name}, ${reduction}: ${errors}`);
      }
    }
  });
});

Deno.test("unetParameters() has the paper's size at width 1 and at least four channels at any width", () => {
  const full = { width: 1, firstKernel: 7, secondKernel: 5 };
  const both = count(unetParameters({ ...full, inputs: 6, outputs: 4 })) +
    count(unetParameters({ ...full, inputs: 16, outputs: 5 }));
  equal(Math.round(both / 1e5) / 10, 39.6);
  const shapes = new Map(
    unetParameters({ ...full, width: 0.001, inputs: 6, outputs: 4 }).map(({ name, shape }) => [name, shape]),
  );
  equal(shapes.get("encoder.0.conv1.weight"), [7, 7, 6, 4]);
  equal(shapes.get("encoder.1.conv2.weight"), [5, 5, 4, 4]);
  equal(shapes.get("decoder.0.conv2.weight"), [3, 3, 8, 4]);
  equal(shapes.get("output.bias"), [4]);
});

Deno.test("unetParameters() has the channels of its hierarchies, and a stem and a head for blocks of pixels", () => {
  const shape = {
    inputs: 16,
    outputs: 5,
    width: 0.5,
    firstKernel: 3,
    secondKernel: 5,
    channels: [64, 32, 48],
    reduction: 2,
  };
  const shapes = new Map(unetParameters(shape).map(({ name, shape }) => [name, shape]));
  equal(shapes.get("encoder.0.conv1.weight"), [6, 6, 16, 32]);
  equal(shapes.get("encoder.0.conv2.weight"), [3, 3, 32, 32]);
  equal(shapes.get("encoder.1.conv1.weight"), [5, 5, 32, 16]);
  equal(shapes.get("encoder.2.conv2.weight"), [3, 3, 24, 24]);
  equal(shapes.get("decoder.0.conv1.weight"), [3, 3, 24, 16]);
  equal(shapes.get("decoder.1.conv2.weight"), [3, 3, 64, 32]);
  equal(shapes.get("output.weight"), [3, 3, 32, 20]);
  equal(shapes.size, 2 * (2 * 3 + 2 * 2 + 1));
});

Deno.test("unetParameters() initializes the last layer near zero, and biases with zero", () => {
  for (const { name, init } of unetParameters(TINY)) {
    equal(
      init,
      name.endsWith("bias")
        ? { kind: "zeros" }
        : name === "output.weight"
        ? { kind: "normal", deviation: 1e-3 }
        : { kind: "he", slope: 0.1 },
    );
  }
});
