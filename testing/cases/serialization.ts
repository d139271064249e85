import type { NamedTensor, SlotName, WeightsFacts } from "@slomo/core";
import { loadParameters, openWeights, writeWeights } from "@slomo/weights";
import { check, failureOf, show } from "../check.ts";
import { checkedOptions, makePart } from "../part.ts";
import { distance, numbersOf, parameterValues, runTrial } from "../trial.ts";
import { type CaseDefinition, smallShape, type TrialSubject } from "./subject.ts";

function factsOf({ definition, options }: TrialSubject): WeightsFacts {
  const given = options.options ?? {}, kept = (definition.architecture ?? []).filter((key) => key in given);
  const part = { name: definition.name, options: Object.fromEntries(kept.map((key) => [key, given[key]])) };
  const facts: WeightsFacts = { version: 1, pixelRange: [0, 1], mean: [0, 0, 0] };
  return definition.slot === "loss" ? facts : { ...facts, [definition.slot]: part };
}

/** Returns the options of a part in the facts of a weights file. */
function optionsIn(facts: WeightsFacts, slot: SlotName): Record<string, unknown> | undefined {
  return slot === "flowEstimator" || slot === "interpolator" ? { ...facts[slot]?.options } : undefined;
}

/** A weights file preserves parameters, and records the architecture that is needed to create the part again. */
export const weights: CaseDefinition = {
  id: "weights",
  sentence: "loads its parameters from a weights file that records its architecture",
  slots: ["flowEstimator", "interpolator", "loss"],
  applies: ({ specs }) => specs.length > 0,
  async run(subject) {
    const { definition, options } = subject, trial = subject.make(), { specs, prefix, name } = trial;
    const names = new Set(specs.map((spec) => spec.name));
    check(names.size === specs.length, `${name}: two of its parameters have the same name`);
    if (definition.slot === "loss") {
      const part = makePart("loss", definition, options.options ?? {});
      check(part.weights !== undefined, `${name}: it has parameters, but no \`weights\` that say where they come from`);
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

/** Returns a value after conversion to JSON and back. */
function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Manifests and weights files can store the options. */
export const serializable: CaseDefinition & { run(subject: Omit<TrialSubject, "make">): Promise<void> } = {
  id: "options",
  sentence: "accepts options that JSON can represent, and fills in defaults",
  slots: ["flowEstimator", "interpolator", "warp", "loss", "media", "rateDoubler", "metric"],
  run({ definition, options: { options: given = {} } }) {
    const name = `${definition.slot} "${definition.name}"`, original = JSON.stringify(given);
    const values = checkedOptions(definition, given);
    check(JSON.stringify(given) === original, `${name}: validation modifies its options`);
    check(typeof values === "object" && values !== null, `${name}: validation of its options must return an object`);
    for (const key of definition.architecture ?? []) {
      const value: unknown = (values as Record<string, unknown>)[key];
      check(value !== undefined, `${name}: its architecture names "${key}", which is not an option or has no default`);
      const restored = throughJson(value);
      const again = checkedOptions(definition, { ...given, [key]: restored }) as Record<string, unknown>;
      check(
        typeof value !== "bigint" && sameJson(again[key], value) && sameValue(restored, value),
        `${name}: option ${key} does not survive a weights file, which is JSON`,
      );
    }
    return Promise.resolve();
  },
};

/** Returns whether JSON preserves a value exactly. */
function sameValue(restored: unknown, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Object.is(restored, value);
  if (Array.isArray(value)) return Array.isArray(restored) && value.every((item, i) => sameValue(restored[i], item));
  const isPlain = Object.getPrototypeOf(value) === Object.prototype && typeof restored === "object" &&
    restored !== null;
  return isPlain &&
    Object.entries(value).every(([key, item]) => sameValue((restored as Record<string, unknown>)[key], item));
}
