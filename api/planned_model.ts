import type { ResolvedManifest } from "@slomo/core/manifest";
import type { Model } from "./model.ts";

/** The model of a conversion. */
export interface PlannedModel {
  /** Names of its parts: the flow estimator, if it has one, and the interpolator. */
  readonly parts: readonly string[];
  /** Location of the weights file; `undefined` if the networks have none. */
  readonly weights: string | undefined;
  /** License of the weights, if the file states one. */
  readonly license: string | undefined;
  /** Backend and device that compute it. */
  readonly engine: string;
}

/** Describes the model of a plan: the parts of its weights, or those of the manifest if the networks have none. */
export function describeModel(
  { engine: { backend, device }, weights }: Model,
  { use }: ResolvedManifest,
): PlannedModel {
  const { flowEstimator, interpolator } = weights?.facts ?? use;
  const names = [flowEstimator?.name, interpolator?.name].filter((name) => name !== undefined);
  return {
    parts: [...new Set(names)],
    weights: weights?.location,
    license: weights?.facts.license,
    engine: `${backend} (${device})`,
  };
}
