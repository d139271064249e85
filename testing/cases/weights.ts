import type { NamedTensor } from "@slomo/core";
import type { SlotName } from "@slomo/core";
import type { WeightsFacts } from "@slomo/core";
import { loadParameters } from "@slomo/weights";
import { openWeights, writeWeights } from "@slomo/weights";
import { check, failureOf, show } from "../check.ts";
import { distance, numbersOf, parameterValues } from "../numbers.ts";
import { makePart } from "../part.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, smallShape, type TrialSubject } from "./subject.ts";

function factsOf({ definition, options }: TrialSubject): WeightsFacts {
  const given = options.options ?? {}, kept = (definition.architecture ?? []).filter((key) => key in given);
  const part = { name: definition.name, options: Object.fromEntries(kept.map((key) => [key, given[key]])) };
  const facts: WeightsFacts = { version: 1, pixelRange: [0, 1], mean: [0, 0, 0] };
  return definition.slot === "loss" ? facts : { ...facts, [definition.slot]: part };
}

/** What a file says of a part. */
function optionsIn(facts: WeightsFacts, slot: SlotName): Record<string, unknown> | undefined {
  return slot === "flowEstimator" || slot === "interpolator" ? { ...facts[slot]?.options } : undefined;
}

/** Parameters come back from a file as they went in, and the file knows how to make the part again. */
export const weights: CaseDefinition = {
  id: "weights",
  sentence: "loads its parameters from a weights file that records its architecture",
  slots: ["flowEstimator", "interpolator", "loss"],
  applies: ({ specs }) => specs.length > 0,
  async run(subject) {
    const { definition, options } = subject, trial = subject.make(), { specs, prefix, name } = trial;
    const names = new Set(specs.map((spec) => spec.name));
    check(names.size === specs.length, `${name}: two of its parameters have one name`);
    if (definition.slot === "loss") {
      const part = makePart("loss", definition, options.options ?? {});
      check(part.weights !== undefined, `${name}: it has parameters and its weights do not say where they come from`);
    }
    const before = parameterValues(specs, 1);
    const tensors = new Map([...before].map(([key, numbers]) => [`${prefix}.${key}`, numbers]));
    const file = openWeights(writeWeights(factsOf(subject), tensors, "F32"));
    const recorded = optionsIn(file.facts, definition.slot);
    const again = recorded ? makePart(definition.slot as "flowEstimator", definition, recorded).parameters : specs;
    const misfit = await failureOf(() => loadParameters(again, prefix, file));
    check(
      misfit === undefined,
      `${name}: after it is created again from its architecture, its own weights do not fit: ${show(misfit)}. ` +
        "List all options that decide shapes in the part's architecture",
    );
    const loaded = new Map<string, NamedTensor>();
    for (const [key, tensor] of Object.entries(loadParameters(again, prefix, file))) {
      loaded.set(key, await numbersOf(tensor));
    }
    const shape = smallShape(trial), expected = await runTrial(trial, shape, { parameters: before });
    for (const [key, found] of Object.entries(await runTrial(trial, shape, { parameters: loaded }))) {
      check(distance(found, expected[key]!) === 0, `${name}: ${key} differs with the parameters of the file`);
    }
  },
};
