import { definePart, type Loss, type PartDefinition } from "@slomo/core";
import { z } from "zod";
import { meanDistance } from "./magnitude.ts";

/**
 * Returns lr = mean |I^t − It| over all interpolated frames; equation 8 of the paper. Pixels are in [0, 1]: the paper's
 * weight for [0, 255], 0.8, is 204 here.
 */
export function reconstruction(): Loss {
  return {
    parameters: [],
    compute: (_, { output, groundTruth }) => meanDistance(output.frames, groundTruth),
  };
}

/** {@linkcode reconstruction} for a manifest. */
export const reconstructionPart: PartDefinition = definePart({
  slot: "loss",
  name: "reconstruction",
  description: "Mean absolute difference of interpolated and ground-truth frames.",
  options: z.strictObject({}),
  training: { presets: { recipe: { weight: 1 }, paper: { weight: 204 }, quick: { weight: 1 } } },
  create: () => reconstruction(),
});
