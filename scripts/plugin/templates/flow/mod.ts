/**
 * A plugin for slomo: the flow estimator `template-part`.
 *
 * @module
 */
import {
  definePart,
  definePlugin,
  type FlowEstimator,
  type Parameters,
  type ParameterSpec,
  type Plugin,
} from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode createTemplatePart}. */
export interface Options {
  /** Channels of the hidden layer, 1 to 256. @default {16} */
  readonly channels: number;
}

/** Slope of the activation below zero. */
const SLOPE = 0.1;

const schema: z.ZodType<Options> = z.strictObject({
  channels: z.int().min(1).max(256).default(16).describe("Channels of the hidden layer."),
});

function convolve(x: tf.Tensor4D, parameters: Parameters, layer: string): tf.Tensor4D {
  const { [`${layer}.weight`]: weight, [`${layer}.bias`]: bias } = parameters;
  return tf.add(tf.conv2d(x, weight as tf.Tensor4D, 1, "same"), bias!);
}

/** Estimates optical flow with two convolutions. Before training, the flow is zero. */
export function createTemplatePart({ channels }: Options): FlowEstimator {
  const parameters: ParameterSpec[] = [
    { name: "hidden.weight", shape: [5, 5, 6, channels], init: { kind: "he", slope: SLOPE } },
    { name: "hidden.bias", shape: [channels], init: { kind: "zeros" } },
    { name: "flow.weight", shape: [5, 5, channels, 4], init: { kind: "zeros" } },
    { name: "flow.bias", shape: [4], init: { kind: "zeros" } },
  ];
  return {
    multiple: 1,
    parameters,
    // tf.tidy disposes all tensors except the results, which the caller disposes.
    estimate: (parameters, first, second) =>
      tf.tidy(() => {
        const hidden = tf.leakyRelu(convolve(tf.concat([first, second], 3), parameters, "hidden"), SLOPE);
        const [forward, backward] = tf.split(convolve(hidden, parameters, "flow"), 2, 3) as [tf.Tensor4D, tf.Tensor4D];
        return { forward, backward };
      }),
  };
}

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@scope/template-part",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "flowEstimator",
      name: "template-part",
      description: "Optical flow by two convolutions.",
      options: schema,
      // Options that determine the shapes of parameters; a weights file records them.
      architecture: ["channels"],
      create: createTemplatePart,
    }),
  ],
});

export default plugin;
