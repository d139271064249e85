import { definePart, type PartDefinition, type Warp } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { z } from "zod";

/** Bilinear backward warping; outside the image it samples the border. */
export function backward(): Warp {
  return { warp: (image, flow) => ops.backwardWarp(image, flow) };
}

/** {@linkcode backward} for a manifest. */
export const backwardPart: PartDefinition = definePart({
  slot: "warp",
  name: "backward",
  description: "Bilinear backward warping with the border repeated outside.",
  options: z.strictObject({}),
  create: () => backward(),
});
