/**
 * A plugin for slomo: the loss `template-part`.
 *
 * @module
 */
import { definePart, definePlugin, type Loss, type Plugin } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode createTemplatePart}. */
export interface Options {
  /** Differences far below this count by their square, others by their absolute value; above 0. @default {0.001} */
  readonly epsilon: number;
}

const schema: z.ZodType<Options> = z.strictObject({
  epsilon: z.number().positive().default(0.001).describe(
    "Differences well below this count by their square, others by their size.",
  ),
});

/** Mean of √(d² + ε²) − ε over the differences d between interpolated and ground-truth pixels, in [0, 1]. */
export function createTemplatePart({ epsilon }: Options): Loss {
  return {
    parameters: [],
    compute: (_, { output, groundTruth }) =>
      tf.tidy(() => {
        const squares = tf.squaredDifference(output.frames, groundTruth);
        return tf.sub(tf.mean(tf.sqrt(tf.add(squares, epsilon ** 2))), epsilon) as tf.Scalar;
      }),
  };
}

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@scope/template-part",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "loss",
      name: "template-part",
      description: "Differences between interpolated and ground-truth pixels, smooth at zero.",
      options: schema,
      create: createTemplatePart,
    }),
  ],
});

export default plugin;
