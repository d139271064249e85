/**
 * A plugin for slomo: the warp `template-part`.
 *
 * @module
 */
import { definePart, definePlugin, type Plugin, type Warp } from "@slomo/core";
import { backwardWarp, withoutGradient } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode createTemplatePart}. */
export interface Options {
  /** Pixels outside of the image: its repeated border, or black. @default {"black"} */
  readonly outside: "border" | "black";
}

const schema: z.ZodType<Options> = z.strictObject({
  outside: z.enum(["border", "black"]).default("black").describe(
    "Pixels outside of the image: its repeated border, or black.",
  ),
});

/** Returns a mask [T, H, W, 1]: 1 where `flow` [T, H, W, 2] points into the image, 0 where it points outside. */
function inside(flow: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = flow.shape;
  const [dx, dy] = tf.split(flow, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
  const x = tf.add(dx, tf.reshape(tf.range(0, width), [1, 1, width, 1]));
  const y = tf.add(dy, tf.reshape(tf.range(0, height), [1, height, 1, 1]));
  const within = (place: tf.Tensor, last: number) =>
    tf.logicalAnd(tf.greaterEqual(place, 0), tf.lessEqual(place, last));
  return tf.cast(tf.logicalAnd(within(x, width - 1), within(y, height - 1)), "float32") as tf.Tensor4D;
}

/** Samples the image along the flow, bilinearly, with black or the repeated border outside of the image. */
export function createTemplatePart({ outside }: Options): Warp {
  if (outside === "border") return { warp: backwardWarp };
  // The mask jumps from 0 to 1, which has no gradient.
  const mask = (flow: tf.Tensor4D) => withoutGradient(() => inside(flow));
  return { warp: (image, flow) => tf.tidy(() => tf.mul(backwardWarp(image, flow), mask(flow))) };
}

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@scope/template-part",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "warp",
      name: "template-part",
      description: "Bilinear backward warping with black outside.",
      options: schema,
      create: createTemplatePart,
    }),
  ],
});

export default plugin;
