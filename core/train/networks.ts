import type { WeightsFacts } from "../contracts/weights.ts";
import type { ParameterSpec } from "../contracts/tensors.ts";
import type { PartChoice } from "../manifest/manifest.ts";
import type { ImportModule } from "../manifest/plugin_loader.ts";
import type { ResolvedManifest } from "../manifest/resolve.ts";
import { createToolkit, type Networks, type Toolkit } from "../manifest/toolkit.ts";
import type { TrainConfig } from "./config.ts";

/** Networks that estimate flow on certain levels; all of them share their parameters. */
export interface LevelNetworks {
  /** How often they are drawn. */
  readonly weight: number;
  /** The networks. */
  readonly networks: Networks;
}

/** The networks of a run. */
export interface TrainNetworks {
  /** Losses come from it. */
  readonly toolkit: Toolkit;
  /** As they are validated and shipped. */
  readonly shipped: Networks;
  /** Those that steps draw from. */
  readonly byLevels: readonly LevelNetworks[];
  /** What they need, by prefix. */
  readonly specs: { readonly flow: readonly ParameterSpec[]; readonly interpolation: readonly ParameterSpec[] };
  /** Facts for weights files that the run writes. */
  readonly facts: WeightsFacts;
}

/** Laid over a part's options; a part that is absent stays so. */
function withOptions<T extends PartChoice | undefined>(part: T, options: Readonly<Record<string, unknown>>): T {
  return part && { ...part, options: { ...part.options, ...options } };
}

function factsOf({ use }: ResolvedManifest, from: WeightsFacts | undefined): WeightsFacts {
  const facts = (part: PartChoice, before: WeightsFacts["interpolator"]) => ({
    name: part.name,
    options: { ...before?.options, ...part.options },
  });
  return {
    version: 1,
    flowEstimator: use.flowEstimator && facts(use.flowEstimator, from?.flowEstimator),
    interpolator: facts(use.interpolator, from?.interpolator),
    pixelRange: [0, 1],
    mean: [0, 0, 0],
    licence: from?.licence,
  };
}

/**
 * Makes the networks of a run, once for each choice of levels.
 *
 * @param from Facts of the weights that training starts from.
 * @throws {UsageError} If the manifest, the configuration and those weights contradict each other.
 */
export async function createTrainNetworks(
  manifest: ResolvedManifest,
  { model, flowLevels }: Pick<TrainConfig, "model" | "flowLevels">,
  from: WeightsFacts | undefined,
  importModule?: ImportModule,
): Promise<TrainNetworks> {
  const { use } = manifest;
  const configured: ResolvedManifest = {
    ...manifest,
    use: {
      ...use,
      flowEstimator: withOptions(use.flowEstimator, model.flowEstimator),
      interpolator: withOptions(use.interpolator, model.interpolator),
    },
  };
  const toolkit = await createToolkit(configured, importModule), shipped = await toolkit.networks(from);
  const byLevels = await Promise.all(flowLevels.map(async ({ levels, weight }): Promise<LevelNetworks> => {
    const flowEstimator = withOptions(configured.use.flowEstimator, { flowLevels: levels });
    const other = await createToolkit({ ...configured, use: { ...configured.use, flowEstimator } }, importModule);
    return { weight, networks: await other.networks(from) };
  }));
  return {
    toolkit,
    shipped,
    byLevels: byLevels.length > 0 ? byLevels : [{ weight: 1, networks: shipped }],
    specs: { flow: shipped.flowEstimator?.parameters ?? [], interpolation: shipped.interpolator.parameters },
    facts: factsOf(configured, from),
  };
}
