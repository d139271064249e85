import { type ParameterSpec, type PartContext, type PartDefinition, UsageError } from "@slomo/core";
import { optionsError } from "@slomo/core/manifest";
import { WEIGHTS_PREFIXES } from "@slomo/weights/file";
import type { ConvertedModel } from "@slomo/weights/convert";
import type { RegisteredModel } from "./read_registries.ts";

/** To list its parameters, a part computes nothing. */
const CONTEXT: PartContext = {
  warp: {
    warp() {
      throw new TypeError("a part must not compute before it interpolates");
    },
  },
};

/** Returns the parameters of a part with some options. @throws If the options are invalid. */
async function parametersOf(part: PartDefinition, input: unknown): Promise<readonly ParameterSpec[]> {
  const checked = await part.options["~standard"].validate(input);
  if (checked.issues) throw optionsError(part, checked.issues);
  return (part.create(checked.value, CONTEXT) as { readonly parameters: readonly ParameterSpec[] }).parameters;
}

const slotOf = ({ slot }: PartDefinition) => slot === "flowEstimator" ? "flowEstimator" : "interpolator";

/**
 * Returns the part of a model that the network with the options of its registry entry uses.
 *
 * @param parts Parts whose importers convert the model.
 * @throws {UsageError} If there is no such network, or the model lacks a tensor of it.
 */
export async function keepNetwork(
  model: ConvertedModel,
  { name, entry, origin }: RegisteredModel,
  parts: readonly PartDefinition[],
): Promise<ConvertedModel> {
  const fail = (reason: string): never => {
    throw new UsageError(
      `models: cannot install "${name}" of ${origin}: ${reason}; correct \`options\` in the registry`,
      {
        code: "weights-mismatch",
      },
    );
  };
  const named = parts.filter(({ name }) => name === entry.part);
  if (named.length === 0) return fail("`options` needs `part`");
  // Parts of both slots may have the name.
  const part = named.find((part) => model.facts[slotOf(part)]?.name === part.name) ??
    fail(`its file has no weights of the part "${entry.part}"`);
  const slot = slotOf(part), facts = model.facts[slot]!;
  const options = { ...facts.options, ...entry.options };
  const specs = await parametersOf(part, options).catch((error: Error) => fail(error.message));
  const tensors = new Map(specs.map(({ name, shape }) => {
    const key = `${WEIGHTS_PREFIXES[slot]}.${name}`, tensor = model.tensors.get(key);
    if (tensor && `${tensor.shape}` === `${shape}`) return [key, tensor] as const;
    return fail(`its file has no tensor "${key}" of shape [${shape.join(", ")}]`);
  }));
  // The training, with its results, was that of the whole network.
  const training = model.facts.training && { from: model.facts.training };
  return { ...model, facts: { ...model.facts, [slot]: { ...facts, options }, training }, tensors };
}
