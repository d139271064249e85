import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { type NamedTensor, type ParameterSpec, UsageError } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { distance, onWasm, randomParameters, randomTensor } from "./_testing.ts";
import { adaptUNet } from "./adapt.ts";
import { unet, unetParameters, type UNetShape } from "./unet.ts";

const SHAPE: UNetShape = {
  inputs: 4,
  outputs: 5,
  width: 1,
  channels: [6, 8, 10],
  firstKernel: 7,
  secondKernel: 5,
};

function namedTensors(specs: readonly ParameterSpec[], seed: number): Map<string, NamedTensor> {
  return new Map(
    Object.entries(randomParameters(specs, seed)).map(([name, tensor]) => [name, {
      shape: tensor.shape,
      values: tensor.dataSync() as Float32Array,
    }]),
  );
}

function run(tensors: ReadonlyMap<string, NamedTensor>, x: tf.Tensor4D, shape: UNetShape): tf.Tensor4D {
  const parameters = Object.fromEntries(
    [...tensors].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
  return unet(parameters, x, shape);
}

/** Adapts random parameters of `from`, and checks the shapes. */
function adapted(from: UNetShape, to: UNetShape) {
  const before = namedTensors(unetParameters(from), 1), specs = unetParameters(to);
  const after = adaptUNet(before, specs, to.outputs);
  equal(
    [...after].map(([name, { shape }]) => [name, shape]).sort(),
    specs.map(({ name, shape }) => [name, shape]).sort(),
  );
  return { before, after };
}

Deno.test("adaptUNet() with more channels and inputs computes the same, and the new channels are active", () =>
  onWasm(() => {
    const to = { ...SHAPE, inputs: 6, channels: [9, 8, 16] }, { before, after } = adapted(SHAPE, to);
    const x = randomTensor([1, 8, 12, 6], 2, -1), seen = tf.slice(x, [0, 0, 0, 0], [1, 8, 12, 4]);
    ok(distance(run(after, x, to), run(before, seen, SHAPE)) < 1e-4);
    const { values } = after.get("encoder.0.conv1.weight")!;
    ok(values.every((value, i) => i % 9 < 6 || value !== 0));
    equal(adaptUNet(before, unetParameters(to), 5), after);
  }));

Deno.test("adaptUNet() with larger kernels computes the same, and with smaller ones keeps their middle", () =>
  onWasm(() => {
    const small = { ...SHAPE, firstKernel: 3, secondKernel: 3 }, { before, after } = adapted(small, SHAPE);
    const x = randomTensor([1, 8, 12, 4], 2, -1);
    ok(distance(run(after, x, SHAPE), run(before, x, small)) < 1e-4);
    equal(adaptUNet(after, unetParameters(small), 5), before);
  }));

Deno.test("adaptUNet() for a lower resolution computes blocks of what it computed on smaller frames, and back", () =>
  onWasm(() => {
    const small = randomTensor([1, 8, 12, 4], 2, -1);
    for (const reduction of [2, 4]) {
      const to = { ...SHAPE, reduction }, { before, after } = adapted(SHAPE, to);
      const enlarge = (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [8 * reduction, 12 * reduction]);
      ok(distance(run(after, enlarge(small), to), enlarge(run(before, small, SHAPE))) < 1e-4);
      const back = adaptUNet(after, unetParameters(SHAPE), 5);
      for (const [name, { values }] of before) {
        ok(back.get(name)!.values.every((value, i) => Math.abs(value - values[i]!) < 1e-6), name);
      }
      const half = adaptUNet(after, unetParameters({ ...to, firstKernel: 3 }), 5);
      const cut = adaptUNet(before, unetParameters({ ...SHAPE, firstKernel: 3 }), 5);
      const plain = run(cut, small, { ...SHAPE, firstKernel: 3 });
      ok(distance(run(half, enlarge(small), to), enlarge(plain)) < 1e-4);
    }
  }));

Deno.test("adaptUNet() keeps the finest hierarchies, and rejects more of them", () => {
  const short = { ...SHAPE, channels: [6, 8] }, { before, after } = adapted(SHAPE, short);
  equal(after.get("encoder.1.conv2.weight"), before.get("encoder.1.conv2.weight"));
  equal(after.get("decoder.0.conv2.weight"), before.get("decoder.1.conv2.weight"));
  throws(
    () => adaptUNet(after, unetParameters(SHAPE), 5),
    (error) => error instanceof UsageError && /have 2 hierarchies, 3 cannot be made/.test(error.message),
  );
});

Deno.test("adaptUNet() narrows one layer and widens another", () => {
  const { before, after } = adapted(SHAPE, { ...SHAPE, channels: [4, 12, 10], firstKernel: 3, reduction: 2 });
  ok(
    before.get("encoder.1.conv1.bias")!.values.every((value, i) =>
      after.get("encoder.1.conv1.bias")!.values[i] === value
    ),
  );
});
