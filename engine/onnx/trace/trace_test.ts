import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { UsageError } from "../../../core/errors.ts";
import { type GraphProto, ModelProtoSchema } from "../../../weights/onnx/onnx_pb.ts";
import { runModel } from "../_testing.ts";
import { trace, type TracedGraph } from "./trace.ts";
import { UntraceableError } from "./tracing_backend.ts";

const graphOf = (traced: TracedGraph): GraphProto => fromBinary(ModelProtoSchema, traced.encode()).graph!;
const opsOf = (traced: TracedGraph) => graphOf(traced).node.map(({ opType }) => opType);
const IMAGE = { x: { shape: [1, 4, 6, 3] } } as const;

Deno.test("trace() names the op and the shapes if an op has no mapping", () => {
  const traced = () => trace(({ x }) => ({ y: tf.topk(x!, 2).values }), IMAGE);
  throws(
    traced,
    (error) =>
      error instanceof UntraceableError && error instanceof UsageError && error.name === "UsageError" &&
      /TopK has no mapping \(called with float32\[1,4,6,3\]\)/.test(error.message),
  );
});

Deno.test("trace() refuses to read values that the graph computes", () => {
  const traced = () => trace(({ x }) => ({ y: tf.scalar(tf.sum(x!).dataSync()[0]!) }), IMAGE);
  throws(traced, /reads a tensor, float32\[\], whose values are known only when the graph runs/);
});

Deno.test("trace() computes constants without messages on the terminal", () => {
  const factory = tf.findBackendFactory("cpu"), { warn } = console, messages: unknown[] = [];
  if (tf.findBackend("cpu")) tf.removeBackend("cpu");
  tf.registerBackend("cpu", factory);
  tf.env().set("PROD", false);
  console.warn = (...parts) => messages.push(parts);
  try {
    trace(({ x }) => ({ y: tf.add(x!, tf.add(tf.ones([3]), 1)) }), IMAGE);
  } finally {
    console.warn = warn;
  }
  equal(messages, []);
});

Deno.test("trace() changes neither the backend, nor tensors, nor parameters", async () => {
  await tf.setBackend("cpu");
  const filter = tf.ones([3, 3, 3, 2]) as tf.Tensor4D, before = tf.memory().numTensors;
  const forward = ({ x }: Readonly<Record<string, tf.Tensor>>) => ({
    y: tf.conv2d(x as tf.Tensor4D, filter, 1, "same"),
  });
  const graphs = [trace(forward, IMAGE), trace(forward, IMAGE)];
  throws(() => trace(({ x }) => ({ y: tf.topk(x!, 2).values }), IMAGE));
  equal(tf.getBackend(), "cpu");
  equal(tf.memory().numTensors, before);
  equal(filter.dataSync()[0], 1);
  const x = tf.ones([1, 4, 6, 3]);
  for (const graph of graphs) equal((await runModel(graph.encode(), { x })).y!.dataSync()[7 * 2], 27);
  tf.dispose([filter, x]);
});

Deno.test("trace() folds constants and omits nodes that outputs do not need", () => {
  const traced = trace(({ x }) => {
    const size = tf.cumsum(tf.ones([3]));
    tf.exp(x!);
    return { y: tf.mul(x!, size) };
  }, IMAGE);
  equal(opsOf(traced), ["Mul", "Identity"]);
});

Deno.test("trace() transposes only inputs and outputs, and stores a parameter once", () => {
  const filter = tf.randomNormal([3, 3, 3, 3]) as tf.Tensor4D;
  const traced = trace(({ x }) => {
    const once = tf.relu(tf.conv2d(x as tf.Tensor4D, filter, 1, "same"));
    const joined = tf.concat([once, tf.conv2d(once as tf.Tensor4D, filter, 1, "same")], 3);
    return { y: tf.pad(tf.slice(joined, [0, 1, 1, 0], [1, 2, 3, 4]), [[0, 0], [1, 1], [1, 1], [0, 0]]) };
  }, IMAGE);
  equal(opsOf(traced).filter((op) => op === "Transpose").length, 2);
  equal(graphOf(traced).initializer.filter(({ dims }) => dims.length === 4).length, 1);
  filter.dispose();
});

Deno.test("trace() takes and returns images in the given layout", () => {
  const inputs = { x: { ...IMAGE.x, layout: "nchw" } } as const;
  const traced = trace(({ x }) => ({ y: tf.relu(x!) }), inputs, { outputLayouts: { y: "nchw" } });
  equal(opsOf(traced), ["Relu", "Identity"]);
  equal(traced.inputs[0]!.dims, [1, 3, 4, 6]);
  equal(traced.outputs[0]!.dims, [1, 3, 4, 6]);
});

Deno.test("TracedGraph.encode() writes the given facts", () => {
  const model = fromBinary(
    ModelProtoSchema,
    trace(({ x }) => ({ y: tf.relu(x!) }), IMAGE).encode({
      description: "a test",
      version: "1.2.3",
      metadata: { license: "MIT" },
    }),
  );
  equal([model.producerName, model.producerVersion, model.docString], ["slomo", "1.2.3", "a test"]);
  equal(model.metadataProps.map(({ key, value }) => [key, value]), [["license", "MIT"]]);
  ok(model.opsetImport.every(({ version }) => version === 18n));
});
