import { definePart, type Loss, type LossInput, type PartDefinition } from "@slomo/core";
import { withoutGradient } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { testMutants } from "./_testing.ts";

const square = ({ output, groundTruth }: LossInput) =>
  tf.mean(tf.squaredDifference(output.frames, groundTruth)) as tf.Scalar;

function part(compute: (input: LossInput) => tf.Scalar, more: Partial<Loss> = {}): PartDefinition {
  return definePart({
    slot: "loss",
    name: "square",
    description: "Squares.",
    options: z.strictObject({}),
    create: () => ({
      parameters: [],
      compute: (_, input) => tf.tidy(() => compute(input)),
      ...more,
    }),
  });
}

const weight = { name: "weight", shape: [1], init: { kind: "zeros" } } as const;

testMutants("loss", part(square), [
  ["returns a value for each pixel", part((input) => tf.squaredDifference(input.output.frames, input.groundTruth)), [
    "shapes",
    "batches",
  ]],
  ["increases as frames improve", part((input) => tf.neg(square(input))), ["direction"]],
  [
    "returns the sum instead of the mean",
    part(({ output, groundTruth }) => tf.sum(tf.squaredDifference(output.frames, groundTruth))),
    [
      "batches",
    ],
  ],
  ["has no gradient", part((input) => withoutGradient(() => square(input) as tf.Tensor) as tf.Scalar), ["gradients"]],
  [
    "has a gradient that is not finite",
    part(({ output, groundTruth }) => tf.mean(tf.sqrt(tf.mul(0, tf.squaredDifference(output.frames, groundTruth))))),
    ["gradients"],
  ],
  [
    "throws a TypeError without flow",
    part((input) => tf.add(square(input), tf.mul(0, tf.mean(input.flow!.forward)))),
    ["errors"],
  ],
  [
    "accepts frames of another size",
    part(({ output, groundTruth }) => {
      const [n, h, w] = groundTruth.shape;
      return tf.mean(tf.squaredDifference(tf.slice(output.frames, [0, 0, 0, 0], [n, h, w, 3]), groundTruth));
    }),
    ["errors"],
  ],
  ["has parameters but no source of weights", part(square, { parameters: [weight] }), ["weights"]],
]);
