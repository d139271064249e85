import { definePart, type FlowEstimator, type FlowPair, type PartDefinition } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { testMutants, tidied } from "./_testing.ts";

type Estimate = FlowEstimator["estimate"];

const strict = z.strictObject({ width: z.number().default(1) });

const estimate: Estimate = ({ filter }, first, second) => {
  const [forward, backward] = tf.tidy(() =>
    tf.split<tf.Tensor4D>(tf.conv2d(tf.concat([first, second], 3), filter as tf.Tensor4D, 1, "same"), 2, 3)
  );
  return { forward: forward!, backward };
};

/** Defines an estimator of one layer, with changes to its definition and its result. */
function part(
  change: (flow: FlowPair, first: tf.Tensor4D) => FlowPair,
  more: Partial<PartDefinition> = {},
): PartDefinition {
  return using((...given) => tidied(() => change(estimate(...given), given[1])), more);
}

function using(estimate: Estimate, more: Partial<PartDefinition> = {}): PartDefinition {
  const definition = definePart({
    slot: "flowEstimator",
    name: "layer",
    description: "One layer.",
    options: strict,
    architecture: ["width"],
    create: ({ width }) => ({
      multiple: 1,
      parameters: [{ name: "filter", shape: [1 + 2 * width, 3, 6, 4], init: { kind: "zeros" } }],
      estimate,
    }),
  });
  return { ...definition, ...more };
}

const scaled = tf.customGrad((x, save) => {
  (save as (tensors: tf.Tensor[]) => void)([x as tf.Tensor]);
  return { value: tf.mul(x as tf.Tensor, 1), gradFunc: (dy: tf.Tensor) => tf.mul(dy, 1.5) };
});

let calls = 0;

testMutants("flowEstimator", part((flow) => flow), [
  ["names options in its architecture that do not exist", using(estimate, { architecture: ["width", "depth"] }), [
    "options",
  ]],
  [
    "has options that JSON cannot represent",
    using(estimate, {
      options: z.strictObject({ width: z.number().default(1), at: z.coerce.date().default(new Date(0)) }),
      architecture: ["width", "at"],
    }),
    ["options"],
  ],
  [
    "drops the last column of an odd width",
    part(({ forward, ...rest }) => {
      const [n, h, w] = forward.shape;
      return { ...rest, forward: w > 1 && w % 2 === 1 ? tf.slice(forward, [0, 0, 0, 0], [n, h, w - 1, 2]) : forward };
    }),
    ["shapes"],
  ],
  ["returns integers", part(({ forward }) => ({ forward, backward: tf.zerosLike(tf.cast(forward, "int32")) })), [
    "dtype",
    "traces",
  ]],
  [
    "mixes the members of a batch",
    part(({ forward, backward }) => ({ backward, forward: tf.add(forward, tf.mean(forward, 0, true)) })),
    ["batches"],
  ],
  [
    "leaks a tensor",
    using((parameters, first, second) => {
      tf.add(first, 1);
      return estimate(parameters, first, second);
    }),
    ["leaks", "cancellation"],
  ],
  [
    "creates tensors before it computes",
    using(estimate, {
      create: () => {
        tf.scalar(1);
        return {
          multiple: 1,
          parameters: [{ name: "filter", shape: [3, 3, 6, 4], init: { kind: "zeros" } }],
          estimate,
        };
      },
    }),
    ["leaks"],
  ],
  [
    "counts its calls",
    part(({ forward, backward }) => ({ backward, forward: tf.add(forward, calls++) })),
    ["batches", "determinism", "gradients", "traces", "weights", "cancellation"],
  ],
  [
    "has a wrong gradient",
    part(({ forward, backward }) => ({ backward, forward: scaled(forward) as tf.Tensor4D })),
    ["gradients"],
  ],
  [
    "has a zero gradient",
    part(({ forward, backward }) => ({ backward: tf.round(backward!), forward: tf.round(forward) })),
    ["gradients"],
  ],
  [
    "reads values while it is traced",
    part(({ forward, backward }, first) => ({ backward, forward: tf.add(forward, 0 * first.dataSync()[0]!) })),
    ["traces"],
  ],
  ["omits an option that decides shapes from its architecture", using(estimate, { architecture: [] }), ["weights"]],
  [
    "leaks a tensor when a call fails",
    using((parameters, first, second) => {
      const sum = tf.add(first, 1), flow = estimate(parameters, first, second);
      sum.dispose();
      return flow;
    }),
    ["cancellation"],
  ],
  ["accepts unknown options", using(estimate, { options: z.object({ width: z.number().default(1) }) }), [
    "errors",
  ]],
  [
    "throws for a wrong option instead of returning issues",
    using(estimate, {
      options: z.unknown().transform((given) => {
        if (typeof given !== "object" || given === null || Object.keys(given).some((key) => key !== "width")) {
          throw new Error("bad");
        }
        return { width: 1, ...given };
      }),
    }),
    ["errors"],
  ],
  [
    "accepts frames of different sizes",
    using((parameters, first, second) => {
      const [n, h, w] = first.shape;
      return tidied(() => estimate(parameters, first, tf.slice(second, [0, 0, 0, 0], [n, h, w, 3])));
    }),
    ["errors"],
  ],
], { options: { width: 2 } });
