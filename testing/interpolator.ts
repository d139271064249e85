import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Interpolated } from "@slomo/core";
import type { Interpolator, PartDefinition } from "@slomo/core";
import { check } from "./check.ts";
import { noise } from "./numbers.ts";
import { makePart } from "./part.ts";
import type { Named, Numbers, Shape, Trial } from "./trial.ts";

const CHANNELS: Readonly<Record<string, number>> = { frames: 3, visibility: 1, firstWarped: 3, secondWarped: 3 };

function namesOf({ frames, flowToFirst, flowToSecond, visibility, approximate }: Interpolated): Named {
  return {
    frames,
    ...flowToFirst && { flowToFirst },
    ...flowToSecond && { flowToSecond },
    ...visibility && { visibility },
    ...approximate && { approximateToFirst: approximate.flowToFirst, approximateToSecond: approximate.flowToSecond },
    ...approximate?.firstWarped && { firstWarped: approximate.firstWarped },
    ...approximate?.secondWarped && { secondWarped: approximate.secondWarped },
  };
}

/** @throws {Error} If an output is not as the contract says. */
export function verifyInterpolated(outputs: Numbers, { batch, height, width }: Shape): void {
  for (const [name, { shape, values }] of Object.entries(outputs)) {
    check(values.every(Number.isFinite), `${name} holds numbers that are not finite`);
    const expected = [batch, height, width, CHANNELS[name] ?? 2];
    check(shape.join() === expected.join(), `${name} must be [${expected.join(", ")}] and is [${shape.join(", ")}]`);
    const isShare = name !== "visibility" || values.every((value) => value >= 0 && value <= 1);
    check(isShare, "visibility must lie in [0, 1]");
  }
}

/** The tensors of `flow` that an interpolator asks for. */
function flowOf({ forward, backward }: Named) {
  if (forward === undefined) return undefined;
  return { forward: forward as Tensor4D, backward: backward as Tensor4D | undefined };
}

/** An interpolator as the kit sees it: a batch of pairs, one time each. */
export function interpolatorTrial(definition: PartDefinition, options: unknown): Trial {
  const part: Interpolator = makePart("interpolator", definition, options);
  const flows = { none: [], forward: ["forward"], both: ["forward", "backward"] }[part.flow];
  return {
    name: `interpolator "${definition.name}"`,
    specs: part.parameters,
    multiple: part.multiple,
    moving: flows,
    isMean: false,
    shareable: ["first", "second", ...flows],
    prefix: "interpolation",
    inputs: ({ batch, height, width }, seed) => ({
      first: noise([batch, height, width, 3], seed),
      second: noise([batch, height, width, 3], seed + 100),
      times: noise([batch], seed + 200, 0.1, 0.9),
      ...Object.fromEntries(
        flows.map((name, i) => [name, noise([batch, height, width, 2], seed + 300 + 100 * i, 0.1, 0.4)]),
      ),
    }),
    call: (parameters, { first, second, times, ...flow }) =>
      part.interpolate(parameters, {
        first: first as Tensor4D,
        second: second as Tensor4D,
        times: times as Tensor1D,
        flow: flowOf(flow),
      }),
    outputs: (result) => namesOf(result as Interpolated),
    verify: verifyInterpolated,
  };
}
