/**
 * A plugin for slomo: the interpolator `template-part`.
 *
 * @module
 */
import { definePart, definePlugin, type FlowPair, type Interpolator, type PartContext, type Plugin } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode createTemplatePart}. */
export interface Options {
  /** Weight of the nearer frame: 1 blends by time, higher values favor the nearer frame. @default {1} */
  readonly lean: number;
}

const schema: z.ZodType<Options> = z.strictObject({
  lean: z.number().min(1).max(16).default(1).describe(
    "Weight of the nearer frame: 1 blends by time, higher values favor the nearer frame.",
  ),
});

/** Warps both frames to time t along straight lines, and blends them. */
export function createTemplatePart({ lean }: Options, { warp }: PartContext): Interpolator {
  return {
    // The host provides the flow; this part needs only the direction from the first to the second frame.
    flow: "forward",
    multiple: 1,
    parameters: [],
    // tf.tidy disposes all tensors except the results, which the caller disposes.
    interpolate: (_, { first, second, flow, times }) =>
      tf.tidy(() => {
        const { forward } = flow as FlowPair;
        const t = tf.reshape(times, [-1, 1, 1, 1]), rest = tf.sub(1, t);
        const flowToFirst: tf.Tensor4D = tf.mul(forward, tf.neg(t)), flowToSecond: tf.Tensor4D = tf.mul(forward, rest);
        const near = tf.pow(rest, lean), far = tf.pow(t, lean);
        const sum = tf.add(tf.mul(warp.warp(first, flowToFirst), near), tf.mul(warp.warp(second, flowToSecond), far));
        const frames: tf.Tensor4D = tf.div(sum, tf.add(near, far));
        return { frames, flowToFirst, flowToSecond };
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
      description: "Blends both frames, warped along straight lines.",
      options: schema,
      create: createTemplatePart,
    }),
  ],
});

export default plugin;
