import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { type NamedTensor, type ParameterSpec, UsageError } from "@slomo/core";
import { narrowUNet } from "./narrow.ts";
import { unet, unetParameters } from "./unet.ts";
import "@tensorflow/tfjs-backend-cpu";

const SHAPE = { inputs: 2, outputs: 3, firstKernel: 3, secondKernel: 3 };
const WIDE = unetParameters({ ...SHAPE, width: 0.25 }), NARROW = unetParameters({ ...SHAPE, width: 0.125 });

function draw(specs: readonly ParameterSpec[]): Map<string, NamedTensor> {
  let state = 1;
  const next = () => (state = Math.imul(state, 1664525) + 1013904223 >>> 0) / 2 ** 32 - 0.5;
  return new Map(specs.map(({ name, shape }) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() / 4);
    return [name, { shape, values }];
  }));
}

async function run(tensors: ReadonlyMap<string, NamedTensor>): Promise<Float32Array> {
  await tf.setBackend("cpu");
  const parameters = Object.fromEntries(
    [...tensors].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
  const x = tf.tensor(Float32Array.from({ length: 32 * 32 * 2 }, (_, i) => Math.sin(i)), [1, 32, 32, 2]) as tf.Tensor4D;
  const out = unet(parameters, x), values = await out.data() as Float32Array;
  tf.dispose([out, x, ...Object.values(parameters)]);
  return values;
}

/** Returns a wide network that computes the same as a narrow one: the other channels are zero, and nothing reads them. */
function widen(narrow: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  const concatenated = /decoder\.\d\.conv2\.weight/;
  return new Map(WIDE.map(({ name, shape }) => {
    const from = narrow.get(name)!, values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const inputs = shape.at(-2) ?? 1,
      outputs = shape.at(-1)!,
      few = from.shape.at(-2) ?? 1,
      fewOut = from.shape.at(-1)!;
    from.values.forEach((value, i) => {
      const output = i % fewOut, input = Math.floor(i / fewOut) % few, place = Math.floor(i / fewOut / few);
      const second = concatenated.test(name) && input >= few / 2;
      const at = shape.length === 1
        ? output
        : (place * inputs + (second ? inputs / 2 + input - few / 2 : input)) * outputs;
      values[shape.length === 1 ? at : at + output] = value;
    });
    return [name, { shape, values }];
  }));
}

Deno.test("narrowUNet() recovers a narrow network from a wide one that computes the same", () => {
  const narrow = draw(NARROW), found = narrowUNet(widen(narrow), NARROW);
  equal([...found.keys()].sort(), [...narrow.keys()].sort());
  for (const [name, { shape, values }] of narrow) {
    equal(found.get(name)!.shape, shape);
    equal(found.get(name)!.values, values, name);
  }
});

Deno.test("narrowUNet() keeps the same channels in each convolution and in those that read it", async () => {
  const wide = widen(draw(NARROW)), channels = 32 * 0.25;
  const reverse = (name: string, axis: "input" | "output", from = 0) => {
    const { shape, values } = wide.get(name)!, before = values.slice();
    const outputs = shape.at(-1)!, inputs = shape.length === 1 ? 1 : shape.at(-2)!;
    before.forEach((value, i) => {
      const output = i % outputs, input = Math.floor(i / outputs) % inputs, place = Math.floor(i / outputs / inputs);
      const turned = (channel: number) =>
        channel < from || channel >= from + channels ? channel : 2 * from + channels - 1 - channel;
      const [a, b] = axis === "output" ? [input, turned(output)] : [turned(input), output];
      values[(place * inputs + a) * outputs + b] = value;
    });
  };
  const before = await run(wide);
  reverse("encoder.0.conv2.weight", "output");
  reverse("encoder.0.conv2.bias", "output");
  reverse("encoder.1.conv1.weight", "input");
  reverse("decoder.4.conv2.weight", "input", channels);
  const after = await run(wide), narrow = await run(narrowUNet(wide, NARROW));
  const worst = (values: Float32Array) => before.reduce((most, v, i) => Math.max(most, Math.abs(v - values[i]!)), 0);
  ok(worst(after) < 1e-5 && worst(narrow) < 1e-5, `${worst(after)}, ${worst(narrow)}`);
});

Deno.test("narrowUNet() rejects a network that is not wider, lacks tensors, or has other kernels", () => {
  throws(
    () => narrowUNet(draw(NARROW), WIDE),
    (error) => error instanceof UsageError && /fewer than the 8/.test(error.message),
  );
  throws(
    () => narrowUNet(new Map(), NARROW),
    (error) => error instanceof UsageError && /no tensor/.test(error.message),
  );
  const other = unetParameters({ ...SHAPE, firstKernel: 5, width: 0.125 });
  throws(() => narrowUNet(draw(WIDE), other), (error) => error instanceof UsageError && /kernels/.test(error.message));
});
