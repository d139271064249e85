import defer * as tf from "@tensorflow/tfjs-core";
import { definePart, type Loss, type PartDefinition, UsageError } from "@slomo/core";
import { z } from "zod";
import { meanDistance } from "./magnitude.ts";

/** Returns mean |∂F/∂x| + mean |∂F/∂y| by first differences of `flow` [N, H, W, 2]. */
function roughness(flow: tf.Tensor4D): tf.Scalar {
  const [n, h, w] = flow.shape;
  const part = (y: number, x: number, height: number, width: number) =>
    tf.slice(flow, [0, y, x, 0], [n, height, width, 2]);
  return tf.tidy(() => {
    const across = meanDistance(part(0, 1, h, w - 1), part(0, 0, h, w - 1));
    const down = meanDistance(part(1, 0, h - 1, w), part(0, 0, h - 1, w));
    return tf.add(across, down) as tf.Scalar;
  });
}

/**
 * Returns ls = mean |∇F(0→1)| + mean |∇F(1→0)|; equation 11 of the paper. A slope of flow is in pixels per pixel, so it
 * is the same at every pyramid level and for every range of pixel values, and the paper's weight, 1, applies. Frames
 * must be at least 2 × 2.
 */
export function smoothness(): Loss {
  return {
    everyPyramidLevel: true,
    parameters: [],
    compute(_, { flow }) {
      if (flow === undefined) {
        throw new UsageError("smoothness: the interpolator returns no flow; remove this loss from the manifest", {
          code: "invalid-manifest",
          option: "manifest",
        });
      }
      const { forward, backward } = flow;
      return tf.tidy(() => backward ? tf.add(roughness(forward), roughness(backward)) : roughness(forward));
    },
  };
}

/** {@linkcode smoothness} for a manifest. */
export const smoothnessPart: PartDefinition = definePart({
  slot: "loss",
  name: "smoothness",
  description: "Mean slope of the flow between the two frames.",
  options: z.strictObject({}),
  training: { presets: { recipe: { weight: 0.002 }, paper: { weight: 1 }, quick: { weight: 0.002 } } },
  create: () => smoothness(),
});
