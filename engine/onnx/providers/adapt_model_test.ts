import { conv2d, leakyRelu, randomNormal, type Tensor4D } from "@tensorflow/tfjs-core";
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, TensorProto_DataType as OnnxType } from "@slomo/weights/onnx";
import { samplePair } from "../../select/agreement.ts";
import { openPairTracer } from "../pair/pair_tracer.ts";
import { type Arrays, openSession } from "../session/graph_session.ts";
import { loadOnnxruntime } from "../session/onnxruntime.ts";
import { trace, type TracedGraph } from "../trace/trace.ts";
import { openWeights } from "../../../weights/weights_file.ts";
import { parseManifest } from "../../../core/manifest/parse.ts";
import { resolveManifest } from "../../../core/manifest/manifest.ts";
import { createToolkit } from "../../../core/manifest/toolkit.ts";
import { adaptModel } from "./adapt_model.ts";

const ROOT = new URL("../../../", import.meta.url), SIZE = { width: 112, height: 80 };

/** Traces the paper's networks. */
async function tracePaper(): Promise<Record<"flow" | "frame", TracedGraph>> {
  const url = new URL("slomo.json", ROOT);
  const weights = openWeights(await Deno.readFile(new URL("models/slomo-half.safetensors", ROOT)));
  const manifest = resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url);
  const toolkit = (await createToolkit(manifest)).forWeights(weights.facts, []);
  const tracer = await openPairTracer({ toolkit, weights, flowScale: 1 }, { device: "cpu" });
  return Object.fromEntries(tracer.graphs({ ...SIZE, details: true })) as Record<"flow" | "frame", TracedGraph>;
}

/** Runs a graph on the CPU, as it is or adapted. */
async function run(graph: TracedGraph, inputs: Arrays, adapt: (model: Uint8Array) => Uint8Array = (model) => model) {
  const { inputs: graphInputs, outputs, encode } = graph, model = adapt(encode());
  const session = await openSession(
    await loadOnnxruntime(),
    { inputs: graphInputs, outputs, model },
    { device: "cpu", threads: 1 },
  );
  const results = await session.run(inputs);
  await session.release();
  return { results, graph: fromBinary(ModelProtoSchema, model).graph! };
}

function largestDifference(found: Float32Array, expected: Float32Array): number {
  equal(found.length, expected.length);
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - found[i]!)), 0);
}

const images = (): Arrays => {
  const [first, second] = samplePair(SIZE.width, SIZE.height).map(({ planes }) =>
    Float32Array.from({ length: 3 * SIZE.width * SIZE.height }, (_, i) => planes[i % 3]![Math.floor(i / 3)]! / 65535)
  ) as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  return { first, second };
};

Deno.test("padChannels() pads the channels of convolutions to multiples of 4, which changes no result", async () => {
  for (const channels of [1, 3, 6, 8, 9]) {
    const graph = trace(({ x }) => {
      const filter = (inputs: number, seed: number) =>
        randomNormal([3, 3, inputs, 6], 0, 1, "float32", seed) as Tensor4D;
      const hidden = leakyRelu(conv2d(x as Tensor4D, filter(channels, 1), 1, "same"), 0.1);
      return {
        y: conv2d(hidden as Tensor4D, filter(6, 2), 2, "same"),
        z: conv2d(x as Tensor4D, filter(channels, 3), 1, "valid"),
      };
    }, { x: { shape: [1, 8, 10, channels] } });
    const x = Float32Array.from({ length: 80 * channels }, (_, i) => Math.sin(i));
    const expected = await run(graph, { x });
    const found = await run(graph, { x }, (model) => adaptModel(model, { device: "webgpu" }));
    for (const name of ["y", "z"]) {
      const far = largestDifference(found.results[name]!, expected.results[name]!);
      ok(far < 1e-4, `${channels} channels: ${name} differs by ${far}`);
    }
    const constants = new Map(found.graph.initializer.map(({ name, dims }) => [name, dims]));
    const weights = found.graph.node.filter(({ opType }) => opType === "Conv").map(({ input }) =>
      constants.get(input[1]!)!
    );
    equal(weights.map((dims) => Number(dims[1]) % 4), [0, 0, 0]);
    equal(
      found.graph.node.filter(({ opType }) => opType === "Pad").length,
      channels === 8 ? 1 : 2,
      "shared by y and z",
    );
  }
});

Deno.test("adaptModel() leaves models for other providers as they are", () => {
  const model = new Uint8Array(3);
  for (const device of ["cpu", "cuda", "dml", "coreml"] as const) ok(adaptModel(model, { device }) === model);
});

/** Bytes of the constants of a type. */
const bytesOf = ({ initializer }: GraphProto, type: OnnxType) =>
  initializer.filter(({ dataType }) => dataType === type).reduce((sum, { rawData }) => sum + rawData.length, 0);

Deno.test("toFloat16() converts the paper's networks, within the rounding of float16", async () => {
  const { flow: flowGraph, frame: frameGraph } = await tracePaper(), pair = images(), t = Float32Array.of(0.5);
  const half = (model: Uint8Array) => adaptModel(model, { device: "cpu", precision: "float16" });
  const flow = await run(flowGraph, pair), flowInHalf = await run(flowGraph, pair, half);
  const frame = await run(frameGraph, { ...pair, ...flow.results, t });
  const frameInHalf = await run(frameGraph, { ...pair, ...flowInHalf.results, t }, half);
  const far = {
    flow: largestDifference(flowInHalf.results.forward!, flow.results.forward!),
    frame: largestDifference(frameInHalf.results.frame!, frame.results.frame!),
    visibility: largestDifference(frameInHalf.results.visibility!, frame.results.visibility!),
  };
  // In pixels, and relative to the range. Observed: 0.041, 0.0014 and 0.0009.
  ok(far.flow < 0.1 && far.frame < 0.005 && far.visibility < 0.005, JSON.stringify(far));
  ok(far.flow > 0 && far.frame > 0, "it computes in float16");
  for (const [before, after] of [[flow.graph, flowInHalf.graph], [frame.graph, frameInHalf.graph]] as const) {
    equal(
      bytesOf(after, OnnxType.FLOAT16),
      Math.ceil(bytesOf(before, OnnxType.FLOAT) / 2) - bytesOf(after, OnnxType.FLOAT) / 2,
    );
    ok(bytesOf(after, OnnxType.FLOAT) < 1000, "scalars");
    equal([after.input, after.output], [before.input, before.output], "float32 outside");
  }
});

Deno.test("toFloat16() keeps coordinates in float32", async () => {
  const { frame: frameGraph } = await tracePaper(), pixels = SIZE.width * SIZE.height;
  // float16 rounds numbers of pixels between 128 and 256 to eighths.
  const far = (value: number) => new Float32Array(2 * pixels).fill(value);
  const inputs = { ...images(), forward: far(401.55), backward: far(-401.55), t: Float32Array.of(0.5) };
  const expected = await run(frameGraph, inputs);
  const found = await run(frameGraph, inputs, (model) => adaptModel(model, { device: "cpu", precision: "float16" }));
  const largest = largestDifference(found.results.flowToFirst!, expected.results.flowToFirst!);
  ok(Math.abs(expected.results.flowToFirst![0]!) > 190 && largest < 0.02, `${largest}`);
});
