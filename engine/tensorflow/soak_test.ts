import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { LIBRARY, testOnTensorflow } from "./_testing.ts";
import { openTensorflow } from "./open.ts";

const MEGABYTE = 2 ** 20;

/** Returns the memory of this process in bytes after garbage collection. */
async function settledMemory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  await new Promise((resolve) => setTimeout(resolve)); // lets finalizers run
  return Deno.memoryUsage().rss;
}

testOnTensorflow("tensorflow keeps the number of tensors and memory constant over 60,000 ops", async () => {
  const tensorflow = await openTensorflow({ library: LIBRARY.path, threads: 1 });
  await tf.setBackend("tensorflow");
  const x = tf.randomNormal([1, 32, 32, 8]), filter = tf.randomNormal([3, 3, 8, 8]), bias = tf.randomNormal([8]);
  const step = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) => {
    const convolved = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");
    return tf.mean(tf.square(tf.leakyRelu(tf.add(convolved, bias), 0.1)));
  };
  let ops = 0;
  const { binding } = tensorflow, { executeOp } = binding;
  binding.executeOp = (...call) => {
    ops++;
    return executeOp.apply(binding, call);
  };
  const wide = binding.createTensor([2, 3], binding.TF_FLOAT, new Float32Array(6));
  const type = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const round = (upTo: number) => {
    for (ops = 0; ops < upTo;) {
      tf.tidy(() => {
        tf.grads(step)([x, filter, bias]).forEach((gradient) => gradient.dataSync());
        throws(() => binding.executeOp("MatMul", [type], [wide, wide], 1)); // failed ops must not leak either
      });
    }
  };
  round(20_000); // fills TensorFlow's pools and caches, and lets the heap grow
  const tensors = tf.memory().numTensors, handles = binding.getNumOfTensors();
  // A leak makes memory grow in each round; allocators and the heap grow in some.
  const grown: number[] = [];
  for (let i = 0; i < 3; i++) {
    const before = await settledMemory();
    round(20_000);
    equal([tf.memory().numTensors, binding.getNumOfTensors()], [tensors, handles]);
    grown.push((await settledMemory() - before) / MEGABYTE);
  }
  // A tensor here is 32 KB: one lost in every ten ops would be 64 MB a round.
  ok(Math.min(...grown) < 16, `${grown.map((megabytes) => megabytes.toFixed(1)).join(", ")} MB more`);
  tf.dispose([x, filter, bias]);
  tensorflow.close();
});
