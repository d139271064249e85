import { UsageError } from "../errors.ts";
import type { PartChoice, ResolvedManifest } from "./manifest.ts";
import { nearest } from "./parse.ts";

/**
 * Returns a manifest with the weights and options of one of its `models`.
 *
 * @param name Name of the model.
 * @throws {UsageError} If the manifest has no model of that name.
 */
export function pickModel(manifest: ResolvedManifest, name: string): ResolvedManifest {
  const models = manifest.models ?? {}, names = Object.keys(models);
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (model === undefined) {
    const suggestion = nearest(name, names), known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    throw new UsageError(`the manifest has no model "${name}"; ${suggestion ? `did you mean ${suggestion}?` : known}`, {
      code: "unknown-model",
      option: "model",
    });
  }
  const { use } = manifest;
  return {
    ...manifest,
    weights: model.weights ?? manifest.weights,
    use: {
      ...use,
      flowEstimator: withOptions(use.flowEstimator, model.flowEstimator),
      interpolator: withOptions(use.interpolator, model.interpolator),
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
