/**
 * A loss that compares the order of neighboring pixels rather than their values, so that changes of light cost nothing.
 *
 * @module
 */
import { definePart, definePlugin, type Loss, type PartDefinition, type Plugin } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode census}. */
export interface CensusOptions {
  /** Radius of the neighborhood with which a pixel is compared, in pixels, 1 to 5. @default {3} */
  readonly radius?: number | undefined;
}

const schema: z.ZodType<{ readonly radius: number }> = z.strictObject({
  radius: z.int().min(1).max(5).default(3),
});

/** Difference of values in [0, 1] from which a neighbor counts as brighter: √0.81 of 255. */
const SOFT = 0.9 / 255;

/** Squared difference of two comparisons at which they count as half different. */
const HALF = 0.1;

/** Returns the brightness of RGB. */
const LUMA = [0.299, 0.587, 0.114];

/** Returns comparisons of each pixel with its neighbors, in (−1, 1) [N, H, W, (2·radius + 1)²]; `x` is [N, H, W, 3]. */
function compare(x: tf.Tensor4D, radius: number): tf.Tensor4D {
  const size = 2 * radius + 1, count = size * size;
  const level = tf.sum<tf.Tensor4D>(tf.mul(x, tf.tensor1d(LUMA)), 3, true);
  const pick = tf.reshape<tf.Rank.R4>(tf.eye(count), [size, size, 1, count]);
  const difference = tf.sub<tf.Tensor4D>(tf.conv2d(level, pick, 1, "same"), level);
  return tf.div(difference, tf.sqrt(tf.add(tf.square(difference), SOFT ** 2)));
}

/**
 * The soft census distance of interpolated and ground-truth frames (Stein's census transform as in Meister, Hur and
 * Roth, "UnFlow", 2018): mean of d² / (d² + 0.1), where d is the difference of the comparisons of a pixel with a
 * neighbor. In [0, 1], independent of the brightness.
 *
 * @throws {ZodError} If an option is out of its range.
 */
export function census(options: CensusOptions = {}): Loss {
  const { radius } = schema.parse(options);
  return {
    parameters: [],
    compute: (_, { output, groundTruth }) =>
      tf.tidy(() => {
        const squares = tf.squaredDifference(compare(output.frames, radius), compare(groundTruth, radius));
        return tf.mean(tf.div(squares, tf.add(squares, HALF)));
      }),
  };
}

/** {@linkcode census} for a manifest. */
export const censusPart: PartDefinition = definePart({
  slot: "loss",
  name: "census",
  description:
    "Difference of the order of neighboring pixels in interpolated and ground-truth frames, independent of brightness.",
  options: schema,
  create: census,
});

/** The plugin. */
const plugin: Plugin = definePlugin({ name: "@slomo-examples/census-loss", apiVersion: 1, provides: [censusPart] });

export default plugin;
