/**
 * A plugin for slomo: the network `template-part`, which interpolates frames without a flow estimator.
 *
 * @module
 */
import {
  definePart,
  definePlugin,
  type Interpolator,
  type Parameters,
  type ParameterSpec,
  type PartContext,
  type Plugin,
} from "@slomo/core";
import { cropTo, padToMultiple, resizeBilinear } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode createTemplatePart}. */
export interface Options {
  /** Channels of the hidden layers, 1 to 256. @default {16} */
  readonly channels: number;
}

/** Slope of the activation below zero. */
const SLOPE = 0.1;

/** The network halves the size of frames twice. */
const MULTIPLE = 4;

const schema: z.ZodType<Options> = z.strictObject({
  channels: z.int().min(1).max(256).default(16).describe("Channels of the hidden layers."),
});

function convolve(x: tf.Tensor4D, parameters: Parameters, layer: string, stride: number): tf.Tensor4D {
  const { [`${layer}.weight`]: weight, [`${layer}.bias`]: bias } = parameters;
  return tf.add(tf.conv2d(x, weight as tf.Tensor4D, stride, "same"), bias!);
}

/** Estimates flow at each time and a mask in one network, and blends the warped frames. Before training, it only blends. */
export function createTemplatePart(
  { channels }: Options,
  { warp }: PartContext,
): Interpolator {
  const parameters: ParameterSpec[] = [
    // Two frames and the time.
    { name: "down.0.weight", shape: [3, 3, 7, channels], init: { kind: "he", slope: SLOPE } },
    { name: "down.0.bias", shape: [channels], init: { kind: "zeros" } },
    { name: "down.1.weight", shape: [3, 3, channels, channels], init: { kind: "he", slope: SLOPE } },
    { name: "down.1.bias", shape: [channels], init: { kind: "zeros" } },
    // Flow to the first and to the second frame, and the logit of the mask.
    { name: "output.weight", shape: [3, 3, channels, 5], init: { kind: "zeros" } },
    { name: "output.bias", shape: [5], init: { kind: "zeros" } },
  ];
  return {
    flow: "none",
    // Frames of any size: the part pads them by itself.
    multiple: 1,
    parameters,
    // tf.tidy disposes all tensors except the results, which the caller disposes.
    interpolate: (parameters, { first, second, times }) =>
      tf.tidy(() => {
        const [count, height, width] = first.shape, total = times.shape[0];
        // One pair may have several times; in training, each pair has its own.
        const repeated = (frame: tf.Tensor4D) => count === total ? frame : tf.tile(frame, [total, 1, 1, 1]);
        const [from, to] = [repeated(first), repeated(second)];
        const images = padToMultiple(tf.concat([from, to], 3), MULTIPLE), [, paddedHeight, paddedWidth] = images.shape;
        const time: tf.Tensor4D = tf.mul(
          tf.ones([total, paddedHeight, paddedWidth, 1]),
          tf.reshape(times, [-1, 1, 1, 1]),
        );
        const half = tf.leakyRelu(convolve(tf.concat([images, time], 3), parameters, "down.0", 2), SLOPE);
        const quarter = tf.leakyRelu(convolve(half, parameters, "down.1", 2), SLOPE);
        const small = convolve(quarter, parameters, "output", 1);
        const output = cropTo(resizeBilinear(small, paddedHeight, paddedWidth), height, width);
        const [flowToFirst, flowToSecond, logit] = tf.split(output, [2, 2, 1], 3) as [
          tf.Tensor4D,
          tf.Tensor4D,
          tf.Tensor4D,
        ];
        // 1 where the first frame is visible; without training, the nearer frame weighs more.
        const t = tf.reshape(times, [-1, 1, 1, 1]);
        const visibility: tf.Tensor4D = tf.sigmoid(tf.add(logit, tf.log(tf.div(tf.sub(1, t), t))));
        const warped = [warp.warp(from, flowToFirst), warp.warp(to, flowToSecond)] as const;
        const frames: tf.Tensor4D = tf.add(tf.mul(visibility, warped[0]), tf.mul(tf.sub(1, visibility), warped[1]));
        return { frames, flowToFirst, flowToSecond, visibility };
      }),
  };
}

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@scope/template-part",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "interpolator",
      name: "template-part",
      description: "Flow at each time and a mask by one small network.",
      options: schema,
      // Options that determine the shapes of parameters; a weights file records them.
      architecture: ["channels"],
      // The factor of the coarsest features: tiles of large frames begin at multiples of it.
      alignment: MULTIPLE,
      create: createTemplatePart,
    }),
  ],
});

export default plugin;
