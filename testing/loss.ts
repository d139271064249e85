import type { Scalar, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Loss, LossInput, PartDefinition } from "@slomo/core";
import { check } from "./check.ts";
import { noise } from "./numbers.ts";
import { makePart } from "./part.ts";
import type { Named, Trial } from "./trial.ts";

/** What a loss is given, from named tensors. */
export function lossInput(named: Named): LossInput {
  const four = (name: string) => named[name] as Tensor4D;
  return {
    first: four("first"),
    second: four("second"),
    groundTruth: four("groundTruth"),
    times: named["times"] as Tensor1D,
    flow: { forward: four("forward"), backward: four("backward") },
    knownFlow: { forward: four("knownForward"), backward: four("knownBackward") },
    output: {
      frames: four("frames"),
      flowToFirst: four("toFirst"),
      flowToSecond: four("toSecond"),
      approximate: { flowToFirst: four("nearFirst"), flowToSecond: four("nearSecond") },
    },
  };
}

const FRAMES = ["first", "second", "groundTruth", "frames"];
const FLOWS = [
  ...["forward", "backward", "knownForward", "knownBackward"],
  ...["toFirst", "toSecond", "nearFirst", "nearSecond"],
];

/** A loss as the kit sees it: a batch of pairs, one time each, with all that a loss may look at. */
export function lossTrial(definition: PartDefinition, options: unknown): Trial {
  const part: Loss = makePart("loss", definition, options);
  return {
    name: `loss "${definition.name}"`,
    specs: part.parameters,
    multiple: 1,
    moving: ["frames", "forward", "backward", "toFirst", "toSecond", "nearFirst", "nearSecond"],
    isMean: true,
    shareable: [],
    prefix: part.weights?.prefix ?? "loss",
    inputs: ({ batch, height, width }, seed) => ({
      times: noise([batch], seed, 0.1, 0.9),
      ...Object.fromEntries(FRAMES.map((name, i) => [name, noise([batch, height, width, 3], seed + 10 * i)])),
      ...Object.fromEntries(
        FLOWS.map((name, i) => [name, noise([batch, height, width, 2], seed + 500 + 10 * i, 0.1, 0.4)]),
      ),
    }),
    call: (parameters, named) => part.compute(parameters, lossInput(named)),
    outputs: (result) => ({ value: result as Scalar }),
    verify({ value }) {
      const { shape, values } = value!;
      check(shape.length === 0, `the value must be a scalar and is [${shape.join(", ")}]`);
      check(Number.isFinite(values[0]), `the value must be finite and is ${values[0]}`);
    },
  };
}
