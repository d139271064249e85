import { deepStrictEqual as equal, ok, rejects, throws } from "node:assert/strict";
import { zipSync } from "fflate";
import * as h5wasm from "h5wasm";
import { JobError, type NamedTensor, UsageError } from "@slomo/core";
import { loadParameters, openWeights, writeWeights } from "@slomo/weights";
import { type ConvertedModel, readModel as readModelOf, type ReadSibling } from "@slomo/weights/convert";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

import { perceptualPart } from "./perceptual.ts";

const readModel = (bytes: Uint8Array, location: string, sibling?: ReadSibling): Promise<ConvertedModel> =>
  readModelOf(bytes, location, [perceptualPart], sibling);

const VGG16 = [2, 2, 3, 3, 3], VGG19 = [2, 2, 4, 4, 4];

/** Returns the layers of a VGG with two channels, filters HWIO, named by block and number. */
function layers(blocks = VGG16): { block: number; number: number; weight: NamedTensor; bias: NamedTensor }[] {
  let inputs = 3, seed = 0;
  return blocks.flatMap((count, block) =>
    Array.from({ length: count }, (_, i) => {
      const size = 9 * inputs * 2, shape = [3, 3, inputs, 2];
      inputs = 2;
      const values = Float32Array.from({ length: size }, () => Math.fround(Math.sin(++seed)));
      return {
        block: block + 1,
        number: i + 1,
        weight: { shape, values },
        bias: { shape: [2], values: Float32Array.of(seed, -seed) },
      };
    })
  );
}

function npy({ shape, values }: NamedTensor, type: "<f4" | "<f8" = "<f4"): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")}${
    shape.length === 1 ? "," : ""
  }), }`;
  const text = header.padEnd(117) + "\n";
  const data = type === "<f4" ? values : Float64Array.from(values);
  const bytes = new Uint8Array(10 + text.length + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, text.length, 0]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes.set(new Uint8Array(data.buffer), 10 + text.length);
  return bytes;
}

/** Compares the output at the center of the first filter for an RGB pixel in [0, 1], before and after conversion. */
function check(tensors: ReadonlyMap<string, NamedTensor>, original: NamedTensor, bgr: boolean): void {
  const pixel = [0.7, 0.2, 0.4], mean = [123.68, 116.779, 103.939], converted = tensors.get("vgg16.conv1_1.weight")!;
  const shift = tensors.get("vgg16.mean")!.values;
  const middle = (filter: NamedTensor, channel: number) => filter.values[(4 * 3 + channel) * 2]!;
  const expected = [0, 1, 2].reduce(
    (sum, c) => sum + (255 * pixel[c]! - mean[c]!) * middle(original, bgr ? 2 - c : c),
    0,
  );
  const actual = [0, 1, 2].reduce((sum, c) => sum + (pixel[c]! - shift[c]!) * middle(converted, c), 0);
  ok(Math.abs(expected - actual) < 1e-3, `${expected} is not ${actual}`);
}

async function h5(name: (block: number, number: number, kind: "kernel" | "bias") => string): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready, file = new h5wasm.File("new.h5", "w");
  for (const { block, number, weight, bias } of layers()) {
    for (const [kind, { shape, values }] of [["kernel", weight], ["bias", bias]] as const) {
      const path = name(block, number, kind).split("/"), last = path.pop()!;
      path.reduce((at, _, i) => {
        const group = path.slice(0, i + 1).join("/");
        if (!file.keys().includes(path[0]!) || file.get(group) === null) file.create_group(group);
        return at;
      }, "");
      (file.get(path.join("/")) as h5wasm.Group).create_dataset({ name: last, data: values, shape: [...shape] });
    }
  }
  file.close();
  const bytes = FS.readFile("new.h5") as Uint8Array;
  FS.unlink("new.h5");
  return bytes.slice();
}

Deno.test("readModel() reads torchvision's VGG16: filters HWIO, standard deviation folded in, no classifier", async () => {
  const bytes = await Deno.readFile(new URL("./fixtures/vgg16.pt", import.meta.url));
  const { facts, tensors, precision } = await readModel(bytes, "vgg16.pt");
  equal([tensors.size, precision, facts.flowEstimator], [1 + 2 * 13, "F32", undefined]);
  equal(facts.mean, [0.485, 0.456, 0.406]);
  equal([...tensors.get("vgg16.mean")!.values], [0.485, 0.456, 0.406].map(Math.fround));
  const first = tensors.get("vgg16.conv1_1.weight")!;
  equal(first.shape, [3, 3, 3, 2]);
  equal(
    [...first.values.slice(0, 6)],
    [[0, 27], [9, 36], [18, 45]].flatMap((pair, c) => pair.map((v) => Math.fround(v / [0.229, 0.224, 0.225][c]!))),
  );
  equal([...tensors.get("vgg16.conv4_3.bias")!.values], [21, -21]);
  equal([...tensors.get("vgg16.conv1_2.weight")!.values.slice(0, 4)], [2, 20, 11, 29]);
});

Deno.test("readModel() reads Keras's VGG16 in both namings: BGR in [0, 255] becomes RGB in [0, 1]", async () => {
  const [first] = layers();
  const old = await readModel(
    await h5((b, n, kind) => `block${b}_conv${n}/block${b}_conv${n}_${kind === "kernel" ? "W" : "b"}_1:0`),
    "old.h5",
  );
  const later = await readModel(await h5((b, n, kind) => `block${b}_conv${n}/block${b}_conv${n}/${kind}:0`), "new.h5");
  for (const { tensors } of [old, later]) {
    check(tensors, first!.weight, true);
    equal(tensors.get("vgg16.conv5_3.weight"), layers().at(-1)!.weight);
    equal(tensors.get("vgg16.conv5_3.bias"), layers().at(-1)!.bias);
  }
});

Deno.test("readModel() reads npz of RGB in [0, 255], and of Keras's names", async () => {
  const entries = (name: (block: number, number: number, kind: string) => string, type?: "<f8") =>
    Object.fromEntries(
      layers().flatMap(({ block, number, weight, bias }) => [
        [`${name(block, number, "W")}.npy`, npy(weight, type)],
        [`${name(block, number, "b")}.npy`, npy(bias, type)],
      ]),
    );
  const [first] = layers();
  const own = await readModel(zipSync(entries((b, n, kind) => `conv${b}_${n}_${kind}`)), "vgg16_weights.npz");
  check(own.tensors, first!.weight, false);
  equal(own.tensors.get("vgg16.conv2_1.weight"), layers()[2]!.weight);
  const keras = await readModel(zipSync(entries((b, n, kind) => `block${b}_conv${n}_${kind}`, "<f8")), "keras.npz");
  check(keras.tensors, first!.weight, true);
});

Deno.test("readModel() distinguishes VGG19 from VGG16 by its layers", async () => {
  const all = layers(VGG19).flatMap(({ block, number, weight, bias }) => [
    [`conv${block}_${number}_W.npy`, npy(weight)] as const,
    [`conv${block}_${number}_b.npy`, npy(bias)] as const,
  ]);
  const { tensors, facts } = await readModel(zipSync(Object.fromEntries(all)), "vgg19.npz");
  equal([tensors.size, facts.training!["network"]], [1 + 2 * 16, "vgg19"]);
  equal(tensors.get("vgg19.conv3_4.weight"), layers(VGG19)[7]!.weight);
  equal(tensors.get("vgg19.conv5_4.bias"), layers(VGG19)[15]!.bias);
});

Deno.test("readModel() reads TensorFlow.js's model.json and the files beside it, also quantized ones", async () => {
  const all = layers().flatMap(({ block, number, weight, bias }) => [
    { name: `block${block}_conv${number}/kernel`, ...weight },
    { name: `block${block}_conv${number}/bias`, ...bias },
  ]);
  const manifest = (quantization?: { dtype: string; scale?: number; min?: number }) =>
    new TextEncoder().encode(JSON.stringify({
      modelTopology: {},
      weightsManifest: [{
        paths: ["a.bin", "b.bin"],
        weights: all.map(({ name, shape }) => ({ name, shape, dtype: "float32", ...quantization && { quantization } })),
      }],
    }));
  const shards = (data: Uint8Array) => (name: string) =>
    Promise.resolve(name === "a.bin" ? data.slice(0, 1001) : data.slice(1001));
  const numbers = Float32Array.from(all.flatMap(({ values }) => [...values]));
  const plain = await readModel(manifest(), "model.json", shards(new Uint8Array(numbers.buffer)));
  check(plain.tensors, layers()[0]!.weight, true);
  equal(plain.tensors.get("vgg16.conv3_2.bias"), layers()[5]!.bias);
  const codes = Uint8Array.from(numbers, (_, i) => i % 256);
  const coarse = await readModel(manifest({ dtype: "uint8", scale: 0.5, min: -3 }), "model.json", shards(codes));
  equal(coarse.tensors.get("vgg16.conv1_1.bias")!.values[0], 54 * 0.5 - 3);
  await rejects(readModel(manifest(), "model.json", shards(new Uint8Array(1500))), JobError);
  await rejects(readModel(manifest(), "model.json"), /model\.json needs a\.bin beside it/);
});

Deno.test("readModel() rejects files of known formats that are not VGG", async () => {
  const npz = (names: string[]) =>
    zipSync(Object.fromEntries(names.map((name) => [`${name}.npy`, npy(layers()[0]!.weight)])));
  const says = (bytes: Uint8Array, message: RegExp) =>
    rejects(readModel(bytes, "m"), (error) => {
      ok(error instanceof UsageError && message.test(error.message), `${error}`);
      return true;
    });
  await says(npz(["conv1_1_W", "conv1_1_b"]), /has 1 convolutions; VGG16 has 13 and VGG19 has 16/);
  await says(npz(["weights"]), /found an npz file with 1 tensors \(weights\); slomo converts these: .*VGG16/);
  await says(zipSync({ "a.txt": new Uint8Array(3) }), /found a file of \d+ bytes/);
  await says(
    await Deno.readFile(new URL("../../weights/convert/fixtures/new.pt", import.meta.url)),
    /found a PyTorch file with 8 tensors \(state\.plain, /,
  );
  const h5Bytes = await h5((b, n, kind) => `layer${b}_${n}/${kind}`);
  await says(h5Bytes, /found a Keras file with 26 tensors \(layer1_1\/bias, layer1_1\/kernel, .*VGG16/);
  await rejects(readModel(h5Bytes.slice(0, 1000), "cut.h5"), JobError);
});

Deno.test("a loss loads the layers that it needs from a converted file", async () => {
  await tf.setBackend("cpu");
  const { facts, tensors } = await readModel(await Deno.readFile(new URL("./fixtures/vgg16.pt", import.meta.url)), "v");
  const file = openWeights(writeWeights(facts, tensors, "F32"), "vgg.safetensors");
  const init = { kind: "zeros" } as const;
  const parameters = loadParameters(
    [{ name: "mean", shape: [3], init }, { name: "conv1_1.bias", shape: [2], init }],
    "vgg16",
    file,
  );
  equal([...parameters["mean"]!.dataSync()], [0.485, 0.456, 0.406].map(Math.fround));
  tf.dispose(parameters);
  const other = [{ name: "conv3_4.bias", shape: [2], init }];
  throws(() => loadParameters(other, "vgg19", file), /does not fit the vgg19: it lacks vgg19\.conv3_4\.bias/);
});
