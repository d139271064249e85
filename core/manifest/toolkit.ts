import type { MediaHandler, RateDoubler } from "../contracts/media.ts";
import type {
  FlowEstimator,
  Interpolator,
  Loss,
  PartContext,
  PartDefinition,
  SlotName,
  Slots,
  Warp,
} from "../contracts/parts.ts";
import type { FlowPair } from "../contracts/tensors.ts";
import type { ArchitectureFacts, WeightsFacts } from "../contracts/weights.ts";
import { UsageError } from "../errors.ts";
import { blame, guardPart } from "./guard.ts";
import type { LossChoice, PartChoice, ResolvedManifest } from "./manifest.ts";
import { optionsError } from "./describe_options.ts";
import { findPart, type ImportModule, type LoadedPlugin, loadPlugins, partLabel } from "./plugin_loader.ts";

/** The parts that turn pairs of frames into frames. */
export interface Networks {
  /** Samples along flow. */
  readonly warp: Warp;
  /** Finds motion; absent where the interpolator needs no flow. */
  readonly flowEstimator?: FlowEstimator | undefined;
  /** Makes frames. */
  readonly interpolator: Interpolator;
}

/** A loss and how much it counts. */
export interface WeightedLoss {
  /** Name of the part. */
  readonly name: string;
  /** Factor in the sum. */
  readonly weight: number;
  /** The loss. */
  readonly loss: Loss;
}

/** What a manifest's plugins provide, made on demand. Holds no global state: make as many as you like. */
export interface Toolkit {
  /** The manifest that it was made from. */
  readonly manifest: ResolvedManifest;
  /** The plugins that it loaded. */
  readonly plugins: readonly LoadedPlugin[];
  /**
   * The networks, in the architecture that a weights file records where one is given.
   *
   * @throws {UsageError} If the file is for other parts or other options than the manifest's.
   */
  networks(facts?: WeightsFacts): Promise<Networks>;
  /**
   * Losses, of the manifest unless told otherwise.
   *
   * @throws {UsageError} If no plugin provides one of them, or refuses its options.
   */
  losses(choices?: readonly LossChoice[]): Promise<WeightedLoss[]>;
  /**
   * Creates the media handlers in the manifest's order.
   *
   * @param overrides Options by name of the handler, which replace the manifest's.
   */
  media(overrides?: Readonly<Record<string, Record<string, unknown>>>): Promise<MediaHandler[]>;
  /**
   * Creates a baseline method of frame rate doubling. Manifests do not choose one: every plugin's can be created.
   *
   * @throws {UsageError} If no plugin provides it, or it refuses the options.
   */
  rateDoubler(name: string, options?: Record<string, unknown>): Promise<RateDoubler>;
}

/** Options of a part, checked by the part's own schema. */
async function checkOptions(part: PartDefinition, given: Record<string, unknown>): Promise<unknown> {
  const result = await part.options["~standard"].validate(given);
  if (result.issues) throw optionsError(part, result.issues);
  return result.value;
}

/** The manifest's options over those of the weights file; what decides shapes must not differ. */
function mergeOptions(part: PartDefinition, choice: PartChoice, facts?: ArchitectureFacts): Record<string, unknown> {
  if (facts === undefined) return choice.options ?? {};
  if (facts.name !== choice.name) {
    throw new UsageError(
      `the weights are for ${part.slot} "${facts.name}", the manifest uses "${choice.name}"; ` +
        "give --weights for it, or a --manifest that uses the other",
    );
  }
  for (const key of part.architecture ?? []) {
    const asked = choice.options?.[key], made = facts.options[key];
    if (asked !== undefined && JSON.stringify(asked) !== JSON.stringify(made)) {
      throw new UsageError(
        `${part.slot} "${part.name}": the manifest sets ${key} to ${JSON.stringify(asked)}, ` +
          `the weights were made with ${JSON.stringify(made) ?? "its default"}; leave it out of the manifest`,
      );
    }
  }
  return { ...facts.options, ...choice.options };
}

function join(there: FlowPair, back: FlowPair): FlowPair {
  const coarser = there.coarser?.map((flow, i) => join(flow, back.coarser![i]!));
  return { forward: there.forward, backward: back.forward, ...coarser && { coarser } };
}

/**
 * A flow estimator that gives both directions: one that gives F(0→1) alone is asked again with the frames exchanged, which
 * takes twice its time. Of one that gives both nothing changes.
 */
export function bidirectional(estimator: FlowEstimator): FlowEstimator {
  const { multiple, parameters } = estimator;
  return {
    multiple,
    parameters,
    adapt: estimator.adapt && ((tensors) => estimator.adapt!(tensors)),
    estimate(parameters, first, second) {
      const there = estimator.estimate(parameters, first, second);
      return there.backward ? there : join(there, estimator.estimate(parameters, second, first));
    },
  };
}

/** The context of parts that may not ask for others. */
const NO_CONTEXT: PartContext = {
  get warp(): Warp {
    throw new TypeError("only flow estimators, interpolators and losses have a context");
  },
};

/**
 * Loads the plugins of a manifest.
 *
 * @throws {UsageError} If a plugin cannot be loaded or a part that the manifest uses is not there.
 */
export async function createToolkit(manifest: ResolvedManifest, importModule?: ImportModule): Promise<Toolkit> {
  const plugins = await loadPlugins(manifest.plugins, importModule);
  const { use } = manifest;
  const mediaChoices = Array.isArray(use.media) ? use.media : [use.media];

  async function make<S extends SlotName>(
    slot: S,
    choice: PartChoice,
    context: PartContext,
    facts?: ArchitectureFacts,
  ): Promise<Slots[S]> {
    const { plugin, part } = findPart(plugins, slot, choice.name), label = partLabel(plugin, part);
    const options = await checkOptions(part, mergeOptions(part, choice, facts));
    try {
      return guardPart(slot, part.create(options, context) as Slots[S], label);
    } catch (error) {
      throw blame(label, error);
    }
  }

  for (const [slot, choice] of [["interpolator", use.interpolator], ["warp", use.warp]] as const) {
    findPart(plugins, slot, choice.name);
  }
  if (use.flowEstimator) findPart(plugins, "flowEstimator", use.flowEstimator.name);
  for (const choice of mediaChoices) findPart(plugins, "media", choice.name);

  return {
    manifest,
    plugins,
    async networks(facts) {
      const warp = await make("warp", use.warp, NO_CONTEXT);
      const interpolator = await make("interpolator", use.interpolator, { warp }, facts?.interpolator);
      if (interpolator.flow === "none") return { warp, interpolator };
      if (use.flowEstimator === undefined) {
        throw new UsageError(
          `interpolator "${use.interpolator.name}" needs flow, and the manifest's use.flowEstimator is empty`,
        );
      }
      const flowEstimator = await make("flowEstimator", use.flowEstimator, { warp }, facts?.flowEstimator);
      return {
        warp,
        interpolator,
        flowEstimator: interpolator.flow === "both" ? bidirectional(flowEstimator) : flowEstimator,
      };
    },
    async losses(choices = use.losses ?? []) {
      const context: PartContext = { warp: await make("warp", use.warp, NO_CONTEXT) };
      return await Promise.all(choices.map(async ({ name, weight, options }) => {
        return { name, weight, loss: await make("loss", { name, options }, context) };
      }));
    },
    media(overrides = {}) {
      return Promise.all(mediaChoices.map((choice) => {
        const options = { ...choice.options, ...overrides[choice.name] };
        return make("media", { name: choice.name, options }, NO_CONTEXT);
      }));
    },
    rateDoubler: (name, options = {}) => make("rateDoubler", { name, options }, NO_CONTEXT),
  };
}
