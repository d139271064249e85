/** A program for tests: computes on TensorFlow, with the argument `workers` in workers too, and prints the results. */
import * as tf from "@tensorflow/tfjs-core";
import { openTensorflow } from "../open.ts";

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(sum: number): void;
}

async function compute(library: string): Promise<number> {
  const tensorflow = await openTensorflow({ library, threads: 1 });
  await tf.setBackend("tensorflow");
  const sum = tf.tidy(() => {
    const x = tf.ones([1, 8, 8, 4]) as tf.Tensor4D, filter = tf.ones([3, 3, 4, 4]) as tf.Tensor4D;
    return tf.sum(tf.conv2d(x, filter, 1, "valid")).dataSync()[0]!;
  });
  if (Deno.args.includes("close") || "onmessage" in globalThis && self.name === "worker") tensorflow.close();
  return sum;
}

if (self.name === "worker") {
  const scope = self as unknown as Scope;
  scope.onmessage = async ({ data }) => scope.postMessage(await compute(data));
} else {
  const [library = ""] = Deno.args;
  const results = [await compute(library)];
  if (Deno.args.includes("workers")) {
    results.push(
      ...await Promise.all([1, 2].map(() =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(import.meta.url, { type: "module", name: "worker" });
          worker.onmessage = ({ data }: MessageEvent<number>) => {
            resolve(data);
            worker.terminate();
          };
          worker.onerror = (event) => reject(new Error(event.message));
          worker.postMessage(library);
        })
      )),
    );
  }
  console.log(results.join(" "));
}
