import {
  definePart,
  type Interpolated,
  type InterpolationInput,
  type Interpolator,
  type PairInput,
  type PartDefinition,
} from "@slomo/core";
import { backwardWarp, withoutGradient } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { testMutants, tidied } from "./_testing.ts";

/** Warps both frames by their flow, and blends them. */
function mix({ first, second, flow, times }: InterpolationInput): Interpolated {
  const t = tf.reshape(times, [-1, 1, 1, 1]), count = times.shape[0];
  const spread = (x: tf.Tensor4D) => x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
  const near = backwardWarp(first, tf.mul(spread(flow!.backward!), t));
  const far = backwardWarp(second, tf.mul(spread(flow!.forward), tf.sub(1, t)));
  const visibility = spread(tf.sigmoid(tf.mean(tf.sub(first, second), 3, true)) as tf.Tensor4D);
  return { frames: tf.add(tf.mul(near, visibility), tf.mul(far, tf.sub(1, visibility))), visibility };
}

function part(interpolate: (input: InterpolationInput) => Interpolated): PartDefinition {
  return definePart({
    slot: "interpolator",
    name: "mix",
    description: "Mixes.",
    options: z.strictObject({}),
    create: () => ({
      flow: "both",
      multiple: 1,
      parameters: [],
      interpolate: (_, input) => tidied(() => interpolate(input)),
    }),
  });
}

/** Returns the first frames. */
const copyFirst: Interpolator["interpolate"] = (_, { first, second, times }) =>
  tidied(() => ({
    // Adding zeros makes frames of different sizes an error.
    frames: tf.tile(tf.add(first, tf.mul(second, 0)), [times.shape[0] / first.shape[0], 1, 1, 1]) as tf.Tensor4D,
  }));

/** As {@linkcode part}, with the difference of the frames computed beforehand: per frame its mean, per pair the rest. */
function preparing(defect: Partial<Interpolator> = {}): PartDefinition {
  const mean = (frame: tf.Tensor4D) => tf.mean(frame, 3, true) as tf.Tensor4D;
  const difference = ({ first, second, firstFeatures, secondFeatures }: PairInput) =>
    tidied(() => ({
      difference: tf.sub(firstFeatures?.mean ?? mean(first), secondFeatures?.mean ?? mean(second)) as tf.Tensor4D,
    }));
  return definePart({
    slot: "interpolator",
    name: "mix",
    description: "Mixes.",
    options: z.strictObject({}),
    create: (): Interpolator => ({
      flow: "none",
      multiple: 1,
      parameters: [],
      prepareFrame: (_, frame) => tidied(() => ({ mean: mean(frame) })),
      preparePair: (_, pair) => difference(pair),
      interpolate: (_, input) =>
        tidied(() => {
          const { first, second, times, pairFeatures } = input, t = tf.reshape(times, [-1, 1, 1, 1]);
          const { difference: seen } = pairFeatures ?? difference(input);
          return { frames: tf.add(tf.add(tf.mul(first, t), second), tf.mul(seen!, tf.square(t))) as tf.Tensor4D };
        }),
      ...defect,
    }),
  });
}

testMutants("interpolator", preparing(), [
  [
    "prepares other features than it computes itself",
    preparing({ prepareFrame: (_, frame) => tidied(() => ({ mean: tf.max(frame, 3, true) as tf.Tensor4D })) }),
    ["prepared"],
  ],
  [
    "returns the frame as a feature",
    preparing({ prepareFrame: (_, mean) => ({ mean }), preparePair: undefined, interpolate: copyFirst }),
    ["prepared"],
  ],
  [
    "leaks tensors when it prepares a pair",
    preparing({
      preparePair: (_, { first, second }) => ({
        difference: tf.sub(tf.mean(first, 3, true), tf.mean(second, 3, true)) as tf.Tensor4D,
      }),
    }),
    ["prepared"],
  ],
  [
    "disposes features",
    preparing({
      interpolate: (parameters, input) => {
        tf.dispose({ ...input.pairFeatures });
        return copyFirst(parameters, input);
      },
    }),
    ["prepared"],
  ],
]);

testMutants("interpolator", part(mix), [
  [
    "returns a visibility above 1",
    part((input) => ({ ...mix(input), visibility: tf.add(mix(input).visibility!, 0.6) })),
    ["shapes"],
  ],
  [
    "adds the mean of all times to each frame",
    part(({ first, ...rest }) => {
      const { frames, visibility } = mix({ first, ...rest });
      return { visibility, frames: tf.add(frames, tf.mean(rest.times)) };
    }),
    ["batches"],
  ],
  [
    "ignores the times when a pair is shared",
    part((input) => {
      if (input.first.shape[0] !== input.times.shape[0]) return mix({ ...input, times: tf.zerosLike(input.times) });
      return mix(input);
    }),
    ["batches"],
  ],
  [
    "returns its input",
    part((input) => {
      const { forward } = input.flow!, count = input.times.shape[0];
      return { ...mix(input), flowToFirst: forward.shape[0] === count ? forward : tf.tile(forward, [count, 1, 1, 1]) };
    }),
    ["leaks"],
  ],
  [
    "has no gradient with respect to the flow, and says that it cannot be trained",
    {
      ...part(({ flow, ...rest }) =>
        mix({ ...rest, flow: { forward: withoutGradient(() => tf.clone(flow!.forward)), backward: flow!.backward } })
      ),
      untrained: "the flow has no gradient",
    },
    [],
  ],
  [
    "has no gradient with respect to the flow",
    part(({ flow, ...rest }) =>
      mix({ ...rest, flow: { forward: withoutGradient(() => tf.clone(flow!.forward)), backward: flow!.backward } })
    ),
    ["gradients"],
  ],
  [
    "uses an op that the graph runtime lacks",
    part((input) => {
      const result = mix(input);
      return { ...result, frames: tf.add(result.frames, tf.mul(tf.topk(input.first, 3).values, 0)) };
    }),
    ["traces"],
  ],
]);
