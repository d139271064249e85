import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { PartDefinition, Warp } from "@slomo/core";
import { check } from "./check.ts";
import { noise } from "./numbers.ts";
import { makePart } from "./part.ts";
import type { Trial } from "./trial.ts";

/** A warp as the kit sees it. */
export function warpTrial(definition: PartDefinition, options: unknown): Trial {
  const part: Warp = makePart("warp", definition, options);
  return {
    name: `warp "${definition.name}"`,
    specs: [],
    multiple: 1,
    moving: ["image", "flow"],
    isMean: false,
    shareable: ["image"],
    prefix: "",
    inputs: ({ batch, height, width }, seed) => ({
      image: noise([batch, height, width, 3], seed),
      flow: noise([batch, height, width, 2], seed + 100, 0.1, 0.4),
    }),
    call: (_, { image, flow }) => part.warp(image as Tensor4D, flow as Tensor4D),
    outputs: (result) => ({ sampled: result as Tensor4D }),
    verify({ sampled }, { batch, height, width }) {
      const { shape, values } = sampled!, expected = [batch, height, width, 3];
      check(values.every(Number.isFinite), "the warp holds numbers that are not finite");
      check(shape.join() === expected.join(), `the warp must be [${expected.join(", ")}] and is [${shape.join(", ")}]`);
    },
  };
}
