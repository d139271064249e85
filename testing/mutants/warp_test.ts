import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { definePart, type PartDefinition, type Warp } from "@slomo/core";
import { backwardWarp } from "@slomo/ops";
import { withoutGradient } from "@slomo/ops";
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
  ["takes right for down", part((image, flow) => backwardWarp(image, tf.reverse(flow, 3))), ["identity"]],
  ["blurs what does not move", part((image, flow) => backwardWarp(image, tf.add(flow, 0.01))), ["identity"]],
  [
    "lets no gradient through to the flow",
    part((image, flow) => backwardWarp(image, withoutGradient(() => tf.clone(flow)))),
    ["gradients"],
  ],
  [
    "does not say what is wrong with shapes",
    part((image, flow) => {
      if (image.shape[2] !== flow.shape[2]) throw new Error("no");
      return backwardWarp(image, flow);
    }),
    ["errors"],
  ],
  [
    "takes one image for each flow only",
    part((image, flow) => {
      if (image.shape[0] !== flow.shape[0]) throw new RangeError("moved: one image a flow");
      return backwardWarp(image, flow);
    }),
    ["batches"],
  ],
]);
