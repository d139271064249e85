import { type OpenBackend, openPairInterpolator } from "@slomo/engine";
import { openWeights, writeWeights } from "@slomo/weights";
import type * as tf from "@tensorflow/tfjs-core";
import type { Parameters } from "@slomo/core";
import { openToolkit } from "../../scripts/_toolkit.ts";
import { noiseImage } from "../noise_image.ts";
import type { Model } from "./model.ts";

const NAME = "super-slomo";

async function named(prefix: string, parameters: Parameters) {
  const entries = Object.entries(parameters).map(async ([name, tensor]: [string, tf.Tensor]) =>
    [`${prefix}.${name}`, { shape: tensor.shape, values: await tensor.data() as Float32Array }] as const
  );
  return await Promise.all(entries);
}

/** Returns a function that runs `model` in a graph runtime, on 8-bit images. */
export async function runtimeForward(
  backend: OpenBackend,
  model: Model,
  rows: number,
  columns: number,
): Promise<() => Promise<void>> {
  const part = (options: object) => ({ name: NAME, options: { ...options } });
  const { flowEstimator, interpolator: between } = model.options;
  const tensors = new Map([
    ...await named("flow", model.flowParameters),
    ...await named("interpolation", model.interpolationParameters),
  ]);
  const parts = { flowEstimator: part(flowEstimator), interpolator: part(between) };
  const facts = { version: 1, ...parts, pixelRange: [0, 1], mean: [0, 0, 0] } as const;
  const weights = openWeights(writeWeights(facts, tensors, "F32"));
  const setup = { toolkit: (await openToolkit()).forWeights(weights.facts, []), weights, flowScale: 1 };
  const interpolator = await openPairInterpolator(backend, setup);
  const job = {
    first: noiseImage(columns, rows, 1),
    second: noiseImage(columns, rows, 2),
    times: [0.5],
    details: false,
  };
  return async () => void await interpolator.run(job);
}
