import { UsageError } from "../errors.ts";
import type { PartChoice, ResolvedManifest } from "./manifest.ts";
import { nearest } from "./parse.ts";

/**
 * The manifest with one of its `models` in the place of its own weights and options.
 *
 * @throws {UsageError} If it has no model of that name.
 */
export function pickModel(manifest: ResolvedManifest, name: string): ResolvedManifest {
  const models = manifest.models ?? {}, names = Object.keys(models);
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (model === undefined) {
    const meant = nearest(name, names), known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    throw new UsageError(`the manifest has no model "${name}"; ${meant ? `did you mean ${meant}?` : known}`);
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

/** A choice with options laid over its own; one that is absent stays so. */
export function withOptions<P extends PartChoice | undefined>(
  part: P,
  options: Readonly<Record<string, unknown>> | undefined,
): P {
  return part && options ? { ...part, options: { ...part.options, ...options } } : part;
}
