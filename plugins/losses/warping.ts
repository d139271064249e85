import defer * as tf from "@tensorflow/tfjs-core";
import { definePart, type Loss, type PartContext, type PartDefinition, UsageError } from "@slomo/core";
import { z } from "zod";
import { meanDistance } from "./magnitude.ts";

/**
 * lw = mean |I0 − g(I1, F(0→1))| + mean |I1 − g(I0, F(1→0))| + Σt mean |It − g(I0, F^(t→0))| + Σt mean |It − g(I1,
 * F^(t→1))| with the flow at t before refinement; equation 10 of the paper. The sums are over the times of one pair; a
 * batch of pairs gives the mean. Terms whose flow the networks do not return are omitted. Pixels are in [0, 1]: the
 * paper's weight for [0, 255], 0.4, is 102 here.
 */
export function warping({ warp }: PartContext): Loss {
  return {
    everyPyramidLevel: true,
    parameters: [],
    compute(_, { first, second, flow, groundTruth, output }) {
      if (flow === undefined) {
        throw new UsageError("warping: the interpolator returns no flow; remove this loss from the manifest", {
          code: "invalid-manifest",
          option: "manifest",
        });
      }
      return tf.tidy(() => {
        const terms = [meanDistance(first, warp.warp(second, flow.forward))];
        if (flow.backward) terms.push(meanDistance(second, warp.warp(first, flow.backward)));
        if (output.approximate) {
          const { flowToFirst, flowToSecond, firstWarped, secondWarped } = output.approximate;
          const timesOfPair = groundTruth.shape[0] / first.shape[0];
          terms.push(
            tf.mul(meanDistance(groundTruth, firstWarped ?? warp.warp(first, flowToFirst)), timesOfPair),
            tf.mul(meanDistance(groundTruth, secondWarped ?? warp.warp(second, flowToSecond)), timesOfPair),
          );
        }
        return tf.addN(terms);
      });
    },
  };
}

/** {@linkcode warping} for a manifest. */
export const warpingPart: PartDefinition = definePart({
  slot: "loss",
  name: "warping",
  description: "Mean absolute difference between frames and other frames that are warped to them.",
  options: z.strictObject({}),
  training: { presets: { recipe: { weight: 0.25 }, paper: { weight: 102 }, quick: { weight: 0.25 } } },
  create: (_, context) => warping(context),
});
