/** Networks of one layer and their losses, for tests of the code around them. */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { API_VERSION, definePart, definePlugin, type Plugin } from "../../core/contracts/parts.ts";
import type { Parameters, ParameterSpec } from "../../core/contracts/tensors.ts";
import type { Batch } from "../data/batch.ts";
import { type BatchPlan, drawBatch } from "../data/batch.ts";
import type { Loader } from "../data/loader.ts";
import { syntheticSource } from "../data/synthetic/source.ts";
import { drawProceduralTexture } from "../data/synthetic/texture.ts";
import type { ResolvedManifest } from "../../core/manifest/manifest.ts";
import type { TrainConfig } from "./config.ts";
import { completeConfig } from "./presets.ts";

const convolution = (inputs: number, outputs: number): ParameterSpec[] => [
  { name: "layer.weight", shape: [3, 3, inputs, outputs], init: { kind: "he", slope: 0.1 } },
  { name: "layer.bias", shape: [outputs], init: { kind: "zeros" } },
];

const convolve = (parameters: Parameters, x: tf.Tensor4D) =>
  tf.add(tf.conv2d(x, parameters["layer.weight"] as tf.Tensor4D, 1, "same"), parameters["layer.bias"]!) as tf.Tensor4D;

const plugin: Plugin = definePlugin({
  name: "tiny",
  apiVersion: API_VERSION,
  provides: [
    definePart({
      slot: "flowEstimator",
      name: "tiny",
      description: "One convolution.",
      options: z.strictObject({ flowLevels: z.array(z.number()).default([1]), width: z.number().default(1) }),
      architecture: ["width"],
      training: { pyramidOption: "flowLevels" },
      create: ({ flowLevels }) => ({
        multiple: 1,
        parameters: convolution(6, 4),
        estimate(parameters, first, second) {
          const flows = flowLevels.map((scale) => {
            const reduce = (x: tf.Tensor4D) => scale === 1 ? x : tf.avgPool(x, 1 / scale, 1 / scale, "valid");
            const [forward, backward] = tf.split(
              convolve(parameters, tf.concat([reduce(first), reduce(second)], 3)),
              2,
              3,
            );
            return { forward: forward as tf.Tensor4D, backward: backward as tf.Tensor4D };
          });
          return { ...flows.at(-1)!, coarser: flows.slice(0, -1) };
        },
      }),
    }),
    definePart({
      slot: "interpolator",
      name: "tiny",
      description: "One convolution of the frames, the flow and the time.",
      options: z.strictObject({ width: z.number().default(1) }),
      architecture: ["width"],
      create: () => ({
        flow: "both",
        multiple: 1,
        parameters: convolution(11, 3),
        interpolate(parameters, { first, second, flow, times }) {
          const count = times.shape[0], [, h, w] = first.shape;
          const spread = (x: tf.Tensor4D) => x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
          const time = tf.tile(tf.reshape(times, [count, 1, 1, 1]), [1, h, w, 1]) as tf.Tensor4D;
          const seen = [first, second, flow!.forward, flow!.backward!].map(spread);
          return { frames: convolve(parameters, tf.concat([...seen, time], 3)) };
        },
      }),
    }),
    definePart({
      slot: "warp",
      name: "none",
      description: "Moves nothing.",
      options: z.strictObject({}),
      create: () => ({ warp: (image: tf.Tensor4D) => tf.clone(image) }),
    }),
    definePart({
      slot: "loss",
      name: "square",
      description: "Mean squared difference.",
      options: z.strictObject({}),
      create: () => ({
        parameters: [],
        compute: (_, { output, groundTruth }) => tf.mean(tf.squaredDifference(output.frames, groundTruth)) as tf.Scalar,
      }),
    }),
    definePart({
      slot: "loss",
      name: "flow",
      description: "Mean squared error of flow, at each level.",
      options: z.strictObject({}),
      create: () => ({
        everyPyramidLevel: true,
        parameters: [],
        compute: (_, { flow, knownFlow, scale = 1 }) =>
          tf.mean(tf.squaredDifference(tf.div(flow!.forward, scale), tf.div(knownFlow!.forward, scale))) as tf.Scalar,
      }),
    }),
    definePart({
      slot: "loss",
      name: "learned",
      description: "Wants weights.",
      options: z.strictObject({}),
      create: () => ({
        parameters: [{ name: "a", shape: [1], init: { kind: "zeros" } as const }],
        weights: { location: undefined, prefix: "learned", advice: "buy some" },
        compute: () => tf.scalar(0),
      }),
    }),
    definePart({
      slot: "media",
      name: "none",
      description: "Reads nothing.",
      options: z.strictObject({}),
      create: () => ({}),
    }),
  ],
});

/** A manifest of the tiny parts. */
export const TINY: ResolvedManifest = {
  plugins: ["test:tiny"],
  use: {
    flowEstimator: { name: "tiny" },
    interpolator: { name: "tiny" },
    warp: { name: "none" },
    media: { name: "none" },
    losses: [{ name: "square", weight: 1 }, { name: "flow", weight: 0.01 }],
  },
};

/** Loads the tiny plugin for any specifier. */
export const importTiny = (): Promise<Record<string, unknown>> => Promise.resolve({ default: plugin });

/** A short run on small synthetic motion. */
export function tinyConfig(overrides: Record<string, unknown> = {}): TrainConfig {
  return completeConfig({
    preset: "quick",
    steps: 6,
    losses: null,
    model: { flowEstimator: {}, interpolator: {} },
    flowLevels: [],
    crops: [{ size: 32, batch: 2, weight: 1 }],
    every: { report: 2, validate: 3, checkpoint: 3 },
    validation: { samples: 2, size: 32 },
    schedule: { kind: "cosine", rate: 0.01, warmup: 0, floor: 0.02 },
    ...overrides,
  }, "test");
}

const sources = [{
  name: "synthetic",
  weight: 1,
  source: syntheticSource(drawProceduralTexture, { translation: 0.05 }),
}];

/** Returns a batch of a configuration, created in this thread. */
export function tinyBatch({ seed, crops, targets, augment }: BatchPlan, index: number): Batch {
  return drawBatch({ seed, crops, targets, augment }, sources, index);
}

/** Creates a loader that creates batches in this thread. */
export function tinyLoader(config: TrainConfig, from = 0): Loader {
  let index = from;
  return { next: () => Promise.resolve(tinyBatch(config, index++)), waiting: () => 0, close: () => {} };
}

/** Returns the validation batches. */
export function tinyValidation(config: TrainConfig): Batch[] {
  const plan = { ...config, seed: 99, targets: 1, crops: [{ size: 32, batch: 1, weight: 1 }] };
  return [0, 1].map((index) => tinyBatch(plan, index));
}
