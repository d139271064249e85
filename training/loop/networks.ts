import { type ParameterSpec, UsageError, type WeightsFacts } from "@slomo/core";
import {
  createToolkit,
  findPart,
  type ImportModule,
  type LoadedPlugin,
  NETWORK_SLOTS,
  type Networks,
  type NetworkSlot,
  type PartChoice,
  type ResolvedManifest,
  type Toolkit,
  withOptions,
} from "@slomo/core/manifest";
import type { TrainConfig } from "./config.ts";

/** Networks that estimate flow with one pyramid. All of them share their parameters. */
export interface PyramidNetworks {
  /** Relative probability. */
  readonly weight: number;
  /** The networks. */
  readonly networks: Networks;
}

/** The networks of a run. */
export interface TrainNetworks {
  /** Toolkit that creates the losses. */
  readonly toolkit: Toolkit;
  /** Networks for validation and for the weights files. */
  readonly shipped: Networks;
  /** Networks that steps draw from. */
  readonly byPyramid: readonly PyramidNetworks[];
  /** Parameters of the networks, by prefix. */
  readonly specs: { readonly flow: readonly ParameterSpec[]; readonly interpolation: readonly ParameterSpec[] };
  /** Description for the weights files. */
  readonly facts: WeightsFacts;
  /** Parts of the manifest that are trained from given weights only, and those that are trained in their place. */
  readonly replaced: readonly { readonly asked: string; readonly trained: string }[];
}

/** Settings that decide the networks of a run. */
export type NetworkConfig = Pick<TrainConfig, "preset" | "model" | "flowLevels" | "crops" | "validation" | "adapt">;

/** @throws {UsageError} If samples have a size that a network does not take. */
function checkSizes({ flowEstimator, interpolator }: Networks, { crops, validation }: NetworkConfig): void {
  for (
    const [part, multiple = 1] of [["flow estimator", flowEstimator?.multiple], [
      "interpolator",
      interpolator.multiple,
    ]] as const
  ) {
    const odd = [...crops, validation].find(({ size }) => size % multiple !== 0);
    if (odd === undefined) continue;
    throw new UsageError(
      `the ${part} needs frame sizes that are multiples of ${multiple}, a sample of the configuration is ${odd.size}; ` +
        `set the sizes of crops and validation to multiples of ${multiple}`,
      { code: "invalid-config" },
    );
  }
}

/** @throws {UsageError} If a network says that it cannot be trained. A flow estimator without parameters is not trained. */
function refuseUntrained(
  { use }: ResolvedManifest,
  plugins: readonly LoadedPlugin[],
  { flowEstimator }: Networks,
): void {
  const trained = [
    { slot: "interpolator", choice: use.interpolator },
    ...flowEstimator && flowEstimator.parameters.length > 0
      ? [{ slot: "flowEstimator", choice: use.flowEstimator! } as const]
      : [],
  ] as const;
  for (const { slot, choice: { name } } of trained) {
    const { untrained } = findPart(plugins, slot, name).part;
    if (untrained === undefined) continue;
    throw new UsageError(`${slot} "${name}" cannot be trained: ${untrained}; name another in the manifest`, {
      code: "invalid-manifest",
      option: "manifest",
    });
  }
}

/** Returns the description of the trained weights. A flow estimator that the interpolator does not use is not in it. */
function factsOf({ use }: ResolvedManifest, networks: Networks, from: WeightsFacts | undefined): WeightsFacts {
  const facts = (part: PartChoice, before: WeightsFacts["interpolator"]) => ({
    name: part.name,
    options: { ...before?.options, ...part.options },
  });
  return {
    version: 1,
    flowEstimator: networks.flowEstimator && use.flowEstimator && facts(use.flowEstimator, from?.flowEstimator),
    interpolator: facts(use.interpolator, from?.interpolator),
    pixelRange: [0, 1],
    mean: [0, 0, 0],
    license: from?.license,
  };
}

/**
 * Creates the networks of a run, once for each pyramid.
 *
 * @param from Facts of the weights that training starts from.
 * @throws {UsageError} If the manifest, the configuration and those weights contradict each other.
 */
export async function createTrainNetworks(
  manifest: ResolvedManifest,
  config: NetworkConfig,
  from: WeightsFacts | undefined,
  importModule?: ImportModule,
): Promise<TrainNetworks> {
  const { preset, model, adapt } = config, { plugins } = await createToolkit(manifest, importModule);
  const hintsOf = (slot: NetworkSlot, part: PartChoice) => findPart(plugins, slot, part.name).part.training;
  const trained = (slot: NetworkSlot, part: PartChoice): PartChoice => {
    const instead = from ? undefined : hintsOf(slot, part)?.instead;
    return instead === undefined ? part : { name: instead };
  };
  const use = {
    ...manifest.use,
    flowEstimator: manifest.use.flowEstimator && trained("flowEstimator", manifest.use.flowEstimator),
    interpolator: trained("interpolator", manifest.use.interpolator),
  };
  // Weights to start from have their own architecture, which only adapted ones may change; the preset must not contradict it.
  const architecture = adapt ? undefined : from;
  const configure = (slot: NetworkSlot, part: PartChoice): PartChoice => {
    if (adapt && from?.[slot] && from[slot].name !== part.name) {
      throw new UsageError(
        `\`adapt\` derives weights for the same ${slot} only: the weights are for "${
          from[slot].name
        }", and the manifest ` +
          `uses "${part.name}"`,
        { code: "weights-mismatch", option: "adapt" },
      );
    }
    const given = from ? adapt ? from[slot]?.options : {} : hintsOf(slot, part)?.presets?.[preset]?.options;
    return { ...part, options: { ...given, ...part.options, ...model[slot] } };
  };
  const configured: ResolvedManifest = {
    ...manifest,
    use: {
      ...use,
      flowEstimator: use.flowEstimator && configure("flowEstimator", use.flowEstimator),
      interpolator: configure("interpolator", use.interpolator),
    },
  };
  const toolkit = await createToolkit(configured, importModule), shipped = await toolkit.networks(architecture);
  refuseUntrained(configured, plugins, shipped);
  checkSizes(shipped, config);
  if ((shipped.flowEstimator?.parameters.length ?? 0) + shipped.interpolator.parameters.length === 0) {
    throw new UsageError(
      `nothing to train: neither the flow estimator nor interpolator "${use.interpolator.name}" has parameters; ` +
        "name another in the manifest",
      { code: "invalid-manifest", option: "manifest" },
    );
  }
  const option = use.flowEstimator && hintsOf("flowEstimator", use.flowEstimator)?.pyramidOption;
  const flowLevels = option === undefined || !shipped.flowEstimator ? [] : config.flowLevels;
  const byPyramid = await Promise.all(flowLevels.map(async ({ scales, weight }): Promise<PyramidNetworks> => {
    const flowEstimator = withOptions(configured.use.flowEstimator, { [option!]: scales });
    const other = await createToolkit({ ...configured, use: { ...configured.use, flowEstimator } }, importModule);
    return { weight, networks: await other.networks(architecture) };
  }));
  return {
    toolkit,
    shipped,
    byPyramid: byPyramid.length > 0 ? byPyramid : [{ weight: 1, networks: shipped }],
    specs: { flow: shipped.flowEstimator?.parameters ?? [], interpolation: shipped.interpolator.parameters },
    facts: factsOf(configured, shipped, from),
    replaced: NETWORK_SLOTS.flatMap((slot) => {
      const asked = manifest.use[slot]?.name, trained = use[slot]?.name;
      return asked === undefined || trained === undefined || asked === trained ? [] : [{ asked, trained }];
    }),
  };
}
