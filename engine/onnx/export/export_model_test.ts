import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { type ModelProto, ModelProtoSchema } from "../../../weights/onnx/onnx_pb.ts";
import { parseManifest } from "../../../core/manifest/parse.ts";
import { resolveManifest } from "../../../core/manifest/manifest.ts";
import { createToolkit, type Toolkit } from "../../../core/manifest/toolkit.ts";
import { openWeights, type WeightsFile } from "../../../weights/weights_file.ts";
import { runModel } from "../_testing.ts";
import { exportModel } from "./export_model.ts";

const ROOT = new URL("../../../", import.meta.url);

/** The model with the paper's networks. */
async function shipped(): Promise<{ toolkit: Toolkit; weights: WeightsFile }> {
  const url = new URL("slomo.json", ROOT);
  const weights = openWeights(await Deno.readFile(new URL("models/slomo-half.safetensors", ROOT)));
  const toolkit = await createToolkit(
    resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url),
  );
  return { toolkit: toolkit.forWeights(weights.facts, []), weights };
}

const exported = async (size?: { width: number; height: number }) =>
  await exportModel({ ...await shipped(), flowScale: 1, size, version: "1.2.3" });

let forAnySize: Promise<{ model: Uint8Array; tensors: number }> | undefined;

/** Returns the shipped model for any size, and the number of tensors that its export left behind. */
const exportedForAnySize = () =>
  forAnySize ??= (async () => {
    await tf.setBackend("cpu");
    const before = tf.memory().numTensors, model = await exported();
    return { model, tensors: tf.memory().numTensors - before };
  })();

const dimsOf = ({ graph }: ModelProto) =>
  [...graph!.input, ...graph!.output].map(({ name, type }) => {
    const tensor = type!.value.case === "tensorType" ? type!.value.value : undefined;
    return [name, tensor!.shape!.dim.map(({ value }) => value.case === "dimParam" ? value.value : Number(value.value))];
  });

/** A smooth pattern [1, 3, H, W]. */
function image(height: number, width: number, shift: number): tf.Tensor {
  const values = Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const x = i % width - shift, y = Math.floor(i / width) % height, c = Math.floor(i / width / height);
    return 0.5 + 0.45 * Math.sin(0.2 * x + c) * Math.cos(0.15 * y + x / 40);
  });
  return tf.tensor(values, [1, 3, height, width]);
}

const inputs = (height: number, width: number) => ({
  first: image(height, width, 0),
  second: image(height, width, 2),
  t: tf.tensor1d([0.3]),
});

const difference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

Deno.test("exportModel() for one size describes inputs, outputs and weights", async () => {
  const bytes = await exported({ width: 50, height: 40 }), model = fromBinary(ModelProtoSchema, bytes);
  equal(dimsOf(model), [
    ["first", [1, 3, 40, 50]],
    ["second", [1, 3, 40, 50]],
    ["t", [1]],
    ["frame", [1, 3, 40, 50]],
  ]);
  const facts = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
  equal(JSON.parse(facts.slomo!), (await shipped()).weights.facts);
  ok(facts.inputs!.startsWith("first, second: the two frames") && facts.sizes === "Frames of 50×40 only");
  equal([model.producerName, model.producerVersion], ["slomo", "1.2.3"]);
  ok(bytes.length < 21e6, "weights of 16 bits are stored in 16 bits");
});

Deno.test("exportModel() for any size computes the same as for one size if nothing is padded", async () => {
  const { model: any } = await exportedForAnySize(), one = await exported({ width: 128, height: 128 });
  const [found, expected] = [await runModel(any, inputs(128, 128)), await runModel(one, inputs(128, 128))];
  ok(difference(found.frame!, expected.frame!) < 1e-5);
  for (const [height, width] of [[33, 130], [1, 1]] as const) {
    const { frame } = await runModel(any, inputs(height, width));
    equal(frame!.shape, [1, 3, height, width]);
    ok(frame!.dataSync().every((value) => value >= 0 && value <= 1));
  }
  const model = fromBinary(ModelProtoSchema, any);
  equal(dimsOf(model)[0], ["first", [1, 3, "height", "width"]]);
  const sizes = model.metadataProps.find(({ key }) => key === "sizes")!.value;
  equal(sizes, "Frames of any size, padded to multiples of 128 within");
});

Deno.test("exportModel() frees its tensors, and names the op that it cannot trace", async () => {
  equal((await exportedForAnySize()).tensors, 0);
  const toolkit = await createToolkit({
    plugins: [new URL("../fixtures/untraceable_plugin.ts", import.meta.url).href],
    use: { interpolator: { name: "sorted" }, warp: { name: "still" }, media: { name: "nothing" } },
  });
  const setup = { toolkit, weights: undefined, flowScale: 1, size: undefined, version: "1" };
  await rejects(exportModel(setup), { name: "UsageError", message: /TopK has no mapping/ });
});

Deno.test("exportModel() for any size refuses networks that depend on the size", async () => {
  const setup = { ...await shipped(), flowScale: 0.3, size: undefined, version: "1" };
  await rejects(exportModel(setup), {
    name: "UsageError",
    message: /depend on the size of the frames.*first in a node Resize; set `size`/,
  });
});
