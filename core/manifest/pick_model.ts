import type { WeightsFacts } from "../contracts/weights.ts";
import { UsageError } from "../errors.ts";
import { NETWORK_SLOTS, type NetworkSlot, type PartChoice, type ResolvedManifest } from "./manifest.ts";
import { nearest } from "./parse.ts";

/**
 * Returns a manifest with the weights, parts and options of one of its `models`.
 *
 * @param name Name of the model.
 * @param others Names of models that are not in the manifest, for the error.
 * @throws {UsageError} If the manifest has no model of that name.
 */
export function pickModel(manifest: ResolvedManifest, name: string, others: readonly string[] = []): ResolvedManifest {
  const models = manifest.models ?? {}, names = [...Object.keys(models), ...others];
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (model === undefined) {
    const suggestion = nearest(name, names), known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    throw new UsageError(`the manifest has no model "${name}"; ${suggestion ? `did you mean ${suggestion}?` : known}`, {
      code: "unknown-model",
      option: "model",
    });
  }
  const { flowEstimator, interpolator, warp } = { ...manifest.use, ...model.use };
  const named = NETWORK_SLOTS.filter((slot) => model.use?.[slot]);
  return {
    ...manifest,
    // Weights of the manifest are for its networks.
    weights: model.weights ?? (named.length > 0 ? undefined : manifest.weights),
    fixedParts: model.weights === undefined ? NETWORK_SLOTS : named,
    use: {
      ...manifest.use,
      warp: warp ?? manifest.use.warp,
      flowEstimator: withOptions(flowEstimator, model.flowEstimator),
      interpolator: withOptions(interpolator ?? manifest.use.interpolator, model.interpolator),
    },
  };
}

/** Returns a choice with some options replaced, or `undefined` for an absent choice. */
export function withOptions<P extends PartChoice | undefined>(
  part: P,
  options: Readonly<Record<string, unknown>> | undefined,
): P {
  return part && options ? { ...part, options: { ...part.options, ...options } } : part;
}

/**
 * Returns a manifest with the networks that a weights file is for, which replace those of the manifest.
 *
 * @param facts Facts of the weights file.
 * @param fixed Slots whose part stays.
 */
export function selectParts(
  manifest: ResolvedManifest,
  facts: WeightsFacts,
  fixed: readonly NetworkSlot[] = manifest.fixedParts ?? NETWORK_SLOTS,
): ResolvedManifest {
  const use = { ...manifest.use };
  for (const slot of NETWORK_SLOTS) {
    const name = facts[slot]?.name;
    // The options of the manifest are for its own part.
    if (name !== undefined && name !== use[slot]?.name && !fixed.includes(slot)) use[slot] = { name };
  }
  return { ...manifest, use };
}
