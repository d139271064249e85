import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { FlowEstimator, PartDefinition } from "@slomo/core";
import type { FlowPair } from "@slomo/core";
import { check } from "./check.ts";
import { noise } from "./numbers.ts";
import { makePart } from "./part.ts";
import type { Named, Numbers, Shape, Trial } from "./trial.ts";

function namesOf({ forward, backward, coarser = [] }: FlowPair): Named {
  return {
    forward,
    ...backward && { backward },
    ...Object.fromEntries(
      coarser.flatMap((flow, i) => Object.entries(namesOf(flow)).map(([name, x]) => [`coarser.${i}.${name}`, x])),
    ),
  };
}

/** Frames of these multiples are on every level in whole pixels; others are padded, each estimator in its own way. */
const ON_ALL_LEVELS = 16;

function verify(outputs: Numbers, { batch, height, width }: Shape): void {
  const isExact = height % ON_ALL_LEVELS === 0 && width % ON_ALL_LEVELS === 0;
  for (const [name, { shape, values }] of Object.entries(outputs)) {
    check(values.every(Number.isFinite), `${name} holds numbers that are not finite`);
    const [n, h, w, two] = shape, isCoarse = name.startsWith("coarser.");
    const isPart = isCoarse && (!isExact || height % h! === 0 && height / h! === width / w! && h! < height);
    const isWhole = h === height && w === width;
    check(
      shape.length === 4 && n === batch && two === 2 && (isCoarse ? isPart : isWhole),
      `${name} must be [${batch}, ${isCoarse ? "H·s, W·s" : `${height}, ${width}`}, 2] and is [${shape.join(", ")}]`,
    );
  }
}

/** A flow estimator as the kit sees it. */
export function flowEstimatorTrial(definition: PartDefinition, options: unknown): Trial {
  const part: FlowEstimator = makePart("flowEstimator", definition, options);
  return {
    name: `flowEstimator "${definition.name}"`,
    specs: part.parameters,
    multiple: part.multiple,
    moving: [],
    isMean: false,
    shareable: [],
    prefix: "flow",
    inputs: ({ batch, height, width }, seed) => ({
      first: noise([batch, height, width, 3], seed),
      second: noise([batch, height, width, 3], seed + 100),
    }),
    call: (parameters, { first, second }) => part.estimate(parameters, first as Tensor4D, second as Tensor4D),
    outputs: (result) => namesOf(result as FlowPair),
    verify,
  };
}
