import defer * as tf from "@tensorflow/tfjs-core";
import { definePart, type Loss, type PartDefinition } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { z } from "zod";
import { meanMagnitude } from "./magnitude.ts";
import { doubleSize } from "./double_size.ts";

/** Options of {@linkcode laplacian}. */
export interface LaplacianOptions {
  /** Number of bands of detail to compare, finest first, 1 to 8; fewer if bands would be smaller than 4 pixels. @default {4} */
  readonly levels?: number | undefined;
}

const MOST_LEVELS = 8;

/** Minimum shorter side of a band in pixels. */
const SMALLEST = 4;

const schema: z.ZodType<{ readonly levels: number }> = z.strictObject({
  levels: z.int().min(1).max(MOST_LEVELS).default(4).describe("Number of bands of detail to compare, finest first."),
});

/**
 * Returns the difference of the Laplacian pyramids of interpolated and ground-truth frames: Σi 2^i/4 · mean |band i| for
 * i = 0 to `levels` − 1, and 2^levels/4 · mean |rest|. A band is the detail that halving (mean of 2 × 2) and doubling
 * (bilinear, half-pixel) lose; since this is linear, the pyramid of the difference is used. Pixels are in [0, 1]; in [0,
 * 255] the loss is 255 times as large.
 *
 * @throws {RangeError} If `levels` is not an integer from 1 to 8.
 */
export function laplacian({ levels = 4 }: LaplacianOptions = {}): Loss {
  if (!Number.isInteger(levels) || levels < 1 || levels > MOST_LEVELS) {
    throw new RangeError(`laplacian: levels must be an integer from 1 to ${MOST_LEVELS}, got ${levels}`);
  }
  return {
    parameters: [],
    compute: (_, { output, groundTruth }) =>
      tf.tidy(() => {
        const terms: tf.Scalar[] = [];
        const add = (x: tf.Tensor, i: number) => terms.push(tf.mul(meanMagnitude(x), 2 ** i / 4));
        let rest: tf.Tensor4D = tf.sub(output.frames, groundTruth);
        for (let i = 0; i < levels; i++) {
          const [, height, width] = rest.shape;
          const half = tf.avgPool(ops.padToMultiple(rest, 2), 2, 2, "valid");
          if (Math.min(half.shape[1], half.shape[2]) < SMALLEST) break;
          add(tf.sub(rest, ops.cropTo(doubleSize(half), height, width)), i);
          rest = half;
        }
        add(rest, levels);
        return tf.addN(terms);
      }),
  };
}

/** {@linkcode laplacian} for a manifest. */
export const laplacianPart: PartDefinition = definePart({
  slot: "loss",
  name: "laplacian",
  description: "Difference of the Laplacian pyramids of interpolated and ground-truth frames.",
  options: schema,
  training: { presets: { recipe: { weight: 0.5 }, quick: { weight: 0.5 } } },
  create: laplacian,
});
