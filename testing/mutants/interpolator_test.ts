import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { definePart, type PartDefinition } from "@slomo/core";
import type { Interpolated, InterpolationInput } from "@slomo/core";
import { backwardWarp } from "@slomo/ops";
import { withoutGradient } from "@slomo/ops";
import { testMutants, tidied } from "./_testing.ts";

/** Both frames moved by their flow, mixed by time. */
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

testMutants("interpolator", part(mix), [
  [
    "sees more than there is",
    part((input) => ({ ...mix(input), visibility: tf.add(mix(input).visibility!, 0.6) })),
    ["shapes"],
  ],
  [
    "gives a frame a pair and not a frame a time",
    part(({ first, ...rest }) => {
      const { frames, visibility } = mix({ first, ...rest });
      return { visibility, frames: tf.add(frames, tf.mean(rest.times)) };
    }),
    ["batches"],
  ],
  [
    "cannot serve several times with one pair",
    part((input) => {
      if (input.first.shape[0] !== input.times.shape[0]) return mix({ ...input, times: tf.zerosLike(input.times) });
      return mix(input);
    }),
    ["batches"],
  ],
  [
    "returns what it was given",
    part((input) => {
      const { forward } = input.flow!, count = input.times.shape[0];
      return { ...mix(input), flowToFirst: forward.shape[0] === count ? forward : tf.tile(forward, [count, 1, 1, 1]) };
    }),
    ["leaks"],
  ],
  [
    "lets no gradient through to the flow",
    part(({ flow, ...rest }) =>
      mix({ ...rest, flow: { forward: withoutGradient(() => tf.clone(flow!.forward)), backward: flow!.backward } })
    ),
    ["gradients"],
  ],
  [
    "uses an op that the engine has not",
    part((input) => {
      const made = mix(input);
      return { ...made, frames: tf.add(made.frames, tf.mul(tf.topk(input.first, 3).values, 0)) };
    }),
    ["traces"],
  ],
]);
