import { definePart, type PartDefinition, type Warp } from "@slomo/core";
import { backwardWarp, withoutGradient } from "@slomo/ops";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { testMutants } from "./_testing.ts";

function part(warp: Warp["warp"]): PartDefinition {
  return definePart({
    slot: "warp",
    name: "moved",
    description: "Moves.",
    options: z.strictObject({}),
    create: () => ({ warp: (image, flow) => tf.tidy(() => warp(image, flow)) }),
  });
}

testMutants("warp", part(backwardWarp), [
  ["swaps the components of the flow", part((image, flow) => backwardWarp(image, tf.reverse(flow, 3))), ["identity"]],
  ["blurs for zero flow", part((image, flow) => backwardWarp(image, tf.add(flow, 0.01))), ["identity"]],
  [
    "has no gradient with respect to the flow",
    part((image, flow) => backwardWarp(image, withoutGradient(() => tf.clone(flow)))),
    ["gradients"],
  ],
  [
    "throws a plain Error for wrong shapes",
    part((image, flow) => {
      if (image.shape[2] !== flow.shape[2]) throw new Error("no");
      return backwardWarp(image, flow);
    }),
    ["errors"],
  ],
  [
    "cannot share an image between flows",
    part((image, flow) => {
      if (image.shape[0] !== flow.shape[0]) throw new RangeError("moved: needs one image per flow");
      return backwardWarp(image, flow);
    }),
    ["batches"],
  ],
]);
