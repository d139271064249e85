import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import type { Parameters, ParameterSpec } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { gradientError, input, noise, onCpu, type Shape, value } from "./_testing.ts";
import { perceptual, perceptualPart } from "./perceptual.ts";
import { vggFeatures, vggParameters } from "./vgg.ts";

/** Creates a tensor per specification, with values so small that activations stay bounded. */
function tensors(specs: readonly ParameterSpec[]): Parameters {
  return Object.fromEntries(specs.map(({ name, shape }, i) => {
    if (shape.length === 1) return [name, tf.fill([...shape], name === "mean" ? 0.45 : 0.01)];
    const spread = Math.sqrt(6 / (9 * shape[2]!));
    return [name, noise(shape as Shape, i, -spread, spread)];
  }));
}

Deno.test("vggParameters() returns names and shapes of the convolutions of VGG16 and VGG19", () => {
  const names = vggParameters("vgg16", "conv4_3").map(({ name }) => name);
  equal(names.length, 1 + 2 * 10);
  equal(names.slice(0, 3), ["mean", "conv1_1.weight", "conv1_1.bias"]);
  equal(names.at(-1), "conv4_3.bias");
  const shape = (network: "vgg16" | "vgg19", layer: string) => vggParameters(network, layer).at(-2)!.shape;
  equal(shape("vgg16", "conv1_1"), [3, 3, 3, 64]);
  equal(shape("vgg16", "conv4_1"), [3, 3, 256, 512]);
  equal(shape("vgg19", "conv5_4"), [3, 3, 512, 512]);
  equal(vggParameters("vgg19", "conv5_4").length, 1 + 2 * 16);
});

Deno.test("vggFeatures() subtracts the mean, convolves, and applies ReLU and pooling between convolutions", () =>
  onCpu(() => {
    const center = tf.tensor4d(
      Array.from({ length: 9 * 3 * 64 }, (_, i) => {
        const place = Math.floor(i / 192), from = Math.floor(i / 64) % 3, to = i % 64;
        return place === 4 && from === to ? (to === 1 ? -1 : 1) : 0;
      }),
      [3, 3, 3, 64],
    );
    const identity = (inputs: number, outputs: number) =>
      tf.tensor4d(
        Array.from({ length: 9 * inputs * outputs }, (_, i) => {
          const place = Math.floor(i / (inputs * outputs)), from = Math.floor(i / outputs) % inputs, to = i % outputs;
          return place === 4 && from === to ? 1 : 0;
        }),
        [3, 3, inputs, outputs],
      );
    const parameters: Parameters = {
      mean: tf.tensor1d([0.1, 0.2, 0.3]),
      "conv1_1.weight": center,
      "conv1_1.bias": tf.concat([tf.tensor1d([0, 0, 1]), tf.zeros([61])]),
      "conv1_2.weight": identity(64, 64),
      "conv1_2.bias": tf.zeros([64]),
      "conv2_1.weight": identity(64, 128),
      "conv2_1.bias": tf.zeros([128]),
    };
    const x = tf.tensor4d([0.5, 0.5, 0, 0.7, 0, 0, 0.2, 0.1, 0.4, 0.3, 0.9, 0.6], [1, 2, 2, 3]);
    const at = (layer: string) => [...vggFeatures(parameters, "vgg16", layer, x).dataSync()];
    const near = (found: number[], wanted: number[]) =>
      wanted.forEach((v, i) => ok(Math.abs(v - found[i]!) < 1e-6, `${found} is not ${wanted}`));
    near(at("conv1_1").slice(0, 3), [0.4, -0.3, 0.7]);
    near(at("conv1_2").slice(0, 3), [0.4, 0, 0.7]);
    equal(at("conv2_1").length, 128);
    near(at("conv2_1").slice(0, 3), [0.6, 0.2, 1.3]);
  }));

Deno.test("perceptual() returns the mean squared difference of the features", () =>
  onCpu(() => {
    const loss = perceptual({ layer: "conv1_1" }), parameters = tensors(loss.parameters);
    const groundTruth = noise([1, 4, 4, 3], 1), frames = noise([1, 4, 4, 3], 2);
    const a = vggFeatures(parameters, "vgg16", "conv1_1", frames).dataSync();
    const b = vggFeatures(parameters, "vgg16", "conv1_1", groundTruth).dataSync();
    const mean = Array.from(a, (v, i) => (v - b[i]!) ** 2).reduce((sum, square) => sum + square) / a.length;
    const found = value(loss.compute(parameters, input({ groundTruth, output: { frames } })));
    ok(mean > 0 && Math.abs(found - mean) < 1e-5 * mean, `${found} is not ${mean}`);
    equal(value(loss.compute(parameters, input({ groundTruth, output: { frames: groundTruth } }))), 0);
  }));

Deno.test("perceptual() has the gradient of finite differences, through pooling", () =>
  onCpu(() => {
    const loss = perceptual({ layer: "conv2_1" }), parameters = tensors(loss.parameters);
    const groundTruth = noise([1, 4, 4, 3], 1);
    const error = gradientError(
      (frames) => loss.compute(parameters, input({ groundTruth, output: { frames } })),
      noise([1, 4, 4, 3], 2),
      1e-3,
    );
    ok(error < 5e-2, `${error}`);
  }));

Deno.test("perceptual() names its weights file, or how to get one", () => {
  const { weights, parameters } = perceptual({ network: "vgg19", layer: "conv5_4", weights: "vgg.safetensors" });
  equal(weights!.location, "vgg.safetensors");
  equal(weights!.prefix, "vgg19");
  equal(parameters.length, 33);
  equal(perceptual().weights!.location, undefined);
  ok(/convert/.test(perceptual().weights!.advice));
});

Deno.test("perceptual() rejects a layer that the network lacks", async () => {
  throws(() => perceptual({ layer: "conv4_4" }), /conv1_1, .*got conv4_4/);
  perceptual({ network: "vgg19", layer: "conv4_4" });
  const check = (options: unknown) => perceptualPart.options["~standard"].validate(options);
  ok((await check({ layer: "conv4_4" })).issues);
  ok(!(await check({})).issues);
});
