import type { MediaHandler, RateDoubler, VideoMetric } from "../contracts/media.ts";
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
import type { FlowPair, Parametric } from "../contracts/tensors.ts";
import type { ArchitectureFacts, WeightsFacts } from "../contracts/weights.ts";
import { UsageError } from "../errors.ts";
import { blame } from "./blame.ts";
import {
  type LossChoice,
  NETWORK_SLOTS,
  type NetworkSlot,
  type PartChoice,
  type ResolvedManifest,
} from "./manifest.ts";
import { optionsError } from "./describe_options.ts";
import { selectParts } from "./pick_model.ts";
import { findPart, type ImportModule, type LoadedPlugin, loadPlugins, partLabel } from "./plugin_loader.ts";

/** The parts that interpolate frames. */
export interface Networks {
  /** Samples an image along a flow. */
  readonly warp: Warp;
  /** Estimates optical flow; absent if the interpolator needs no flow. */
  readonly flowEstimator?: FlowEstimator | undefined;
  /** Interpolates frames. */
  readonly interpolator: Interpolator;
}

/** A training loss and its weight. */
export interface WeightedLoss {
  /** Name of the part. */
  readonly name: string;
  /** Weight of the loss in the sum, 0 or more. */
  readonly weight: number;
  /** The loss. */
  readonly loss: Loss;
}

/** The parts of a manifest's plugins, created on demand. A toolkit has no global state, so several can exist at once. */
export interface Toolkit {
  /** The manifest of the toolkit. */
  readonly manifest: ResolvedManifest;
  /** The loaded plugins. */
  readonly plugins: readonly LoadedPlugin[];
  /**
   * Returns a toolkit of the same plugins with the networks of a weights file, as {@linkcode selectParts} chooses them.
   *
   * @param facts Facts of the weights file; without them, the toolkit stays the same.
   * @param fixed Slots whose part stays. @default {those of the manifest}
   * @throws {UsageError} If no plugin provides them.
   */
  forWeights(facts: WeightsFacts | undefined, fixed?: readonly NetworkSlot[]): Toolkit;
  /**
   * Creates the networks.
   *
   * @param facts Facts of a weights file, whose architecture the networks take.
   * @throws {UsageError} If the weights are for other parts or other options than those of the manifest.
   */
  networks(facts?: WeightsFacts): Promise<Networks>;
  /**
   * Creates training losses.
   *
   * @param choices The losses. @default {the losses of the manifest}
   * @throws {UsageError} If no plugin provides one of them, or its options are invalid.
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
   * @throws {UsageError} If no plugin provides it, or its options are invalid.
   */
  rateDoubler(name: string, options?: Record<string, unknown>): Promise<RateDoubler>;
  /**
   * Creates a metric of videos. Manifests do not choose one: every plugin's can be created.
   *
   * @throws {UsageError} If no plugin provides it, or its options are invalid.
   */
  metric(name: string, options?: Record<string, unknown>): Promise<VideoMetric>;
}

/** Returns the options of a part, validated by its schema. */
async function checkOptions(part: PartDefinition, input: Record<string, unknown>): Promise<unknown> {
  const result = await part.options["~standard"].validate(input);
  if (result.issues) throw optionsError(part, result.issues);
  return result.value;
}

/** Returns the options of the weights file, overridden by the manifest's. Options of the architecture must not differ. */
function mergeOptions(part: PartDefinition, choice: PartChoice, facts?: ArchitectureFacts): Record<string, unknown> {
  if (facts === undefined || facts.name !== choice.name) return choice.options ?? {};
  for (const key of part.architecture ?? []) {
    const requested = choice.options?.[key], recorded = facts.options[key];
    if (requested !== undefined && JSON.stringify(requested) !== JSON.stringify(recorded)) {
      throw new UsageError(
        `${part.slot} "${part.name}": the manifest sets ${key} to ${JSON.stringify(requested)}, ` +
          `and the weights have ${JSON.stringify(recorded) ?? "its default"}; remove it from the manifest`,
        { code: "weights-mismatch", option: "manifest" },
      );
    }
  }
  return { ...facts.options, ...choice.options };
}

/** @throws {UsageError} If weights are for another part. A part without parameters needs none of them. */
function checkPart(slot: NetworkSlot, { parameters }: Parametric, choice: PartChoice, facts?: ArchitectureFacts): void {
  if (facts === undefined || facts.name === choice.name || parameters.length === 0) return;
  throw new UsageError(
    `the weights are for ${slot} "${facts.name}", and the manifest uses "${choice.name}"; ` +
      "set `weights` to a file for it, or `manifest` to one that uses the other",
    { code: "weights-mismatch", option: "weights" },
  );
}

/** Combines the forward flows of a pair and of the exchanged pair into flow in both directions. */
function joinFlows(forward: FlowPair, backward: FlowPair): FlowPair {
  const coarser = forward.coarser?.map((flow, i) => joinFlows(flow, backward.coarser![i]!));
  return { forward: forward.forward, backward: backward.forward, ...coarser && { coarser } };
}

/**
 * Returns a flow estimator of both directions. An estimator of F(0→1) only runs a second time with the frames exchanged, which
 * doubles its time. An estimator of both directions runs once.
 */
export function bidirectional(estimator: FlowEstimator): FlowEstimator {
  const { multiple, parameters, memory, alignment } = estimator;
  return {
    multiple,
    parameters,
    memory,
    alignment,
    adapt: estimator.adapt && ((tensors) => estimator.adapt!(tensors)),
    estimate(parameters, first, second) {
      const flow = estimator.estimate(parameters, first, second);
      return flow.backward ? flow : joinFlows(flow, estimator.estimate(parameters, second, first));
    },
  };
}

/** Context of parts that cannot use other parts. */
const NO_CONTEXT: PartContext = {
  get warp(): Warp {
    throw new TypeError("only flow estimators, interpolators and losses have a context");
  },
};

/**
 * Loads the plugins of a manifest.
 *
 * @param importModule Imports a plugin. @default {`import()` with a time limit}
 * @throws {UsageError} If a plugin cannot be loaded, or no plugin provides a part that the manifest uses.
 */
export async function createToolkit(manifest: ResolvedManifest, importModule?: ImportModule): Promise<Toolkit> {
  return toolkitOf(manifest, await loadPlugins(manifest.plugins, importModule));
}

/** Returns the toolkit of the networks that a weights file is for. */
function toolkitFor(
  { manifest, plugins }: Toolkit,
  facts: WeightsFacts,
  fixed: readonly NetworkSlot[] | undefined,
): Toolkit {
  const selected = selectParts(manifest, facts, fixed);
  for (const slot of NETWORK_SLOTS) {
    const name = facts[slot]?.name;
    if (name === undefined || selected.use[slot]?.name !== name) continue;
    const provided = plugins.flatMap(({ plugin }) => plugin.provides).filter((part) => part.slot === slot);
    if (provided.some((part) => part.name === name)) continue;
    const names = provided.map((part) => part.name).join(", ") || "none";
    throw new UsageError(
      `the weights are for ${slot} "${name}", which no plugin of the manifest provides; available: ${names}; ` +
        "add the plugin of the weights to the manifest",
      { code: "weights-mismatch", option: "manifest" },
    );
  }
  return toolkitOf(selected, plugins);
}

/** Returns the toolkit of plugins that are loaded. */
function toolkitOf(manifest: ResolvedManifest, plugins: readonly LoadedPlugin[]): Toolkit {
  const { use } = manifest;
  const mediaChoices = Array.isArray(use.media) ? use.media : [use.media];

  async function createPart<S extends SlotName>(
    slot: S,
    choice: PartChoice,
    context: PartContext,
    facts?: ArchitectureFacts,
  ): Promise<Slots[S]> {
    const { plugin, part } = findPart(plugins, slot, choice.name), label = partLabel(plugin, part);
    const options = await checkOptions(part, mergeOptions(part, choice, facts));
    // Loaded only here: it needs tfjs.
    const { guardPart } = await import("./guard.ts");
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
    forWeights(facts, fixed) {
      return facts === undefined ? this : toolkitFor(this, facts, fixed);
    },
    async networks(facts) {
      const warp = await createPart("warp", use.warp, NO_CONTEXT);
      const interpolator = await createPart("interpolator", use.interpolator, { warp }, facts?.interpolator);
      checkPart("interpolator", interpolator, use.interpolator, facts?.interpolator);
      if (interpolator.flow === "none") return { warp, interpolator };
      if (use.flowEstimator === undefined) {
        throw new UsageError(
          `interpolator "${use.interpolator.name}" needs flow, and the manifest has no use.flowEstimator`,
          { code: "invalid-manifest", option: "manifest" },
        );
      }
      const flowEstimator = await createPart("flowEstimator", use.flowEstimator, { warp }, facts?.flowEstimator);
      checkPart("flowEstimator", flowEstimator, use.flowEstimator, facts?.flowEstimator);
      return {
        warp,
        interpolator,
        flowEstimator: interpolator.flow === "both" ? bidirectional(flowEstimator) : flowEstimator,
      };
    },
    async losses(choices = use.losses ?? []) {
      const context: PartContext = { warp: await createPart("warp", use.warp, NO_CONTEXT) };
      return await Promise.all(choices.map(async ({ name, weight, options }) => {
        return { name, weight, loss: await createPart("loss", { name, options }, context) };
      }));
    },
    media(overrides = {}) {
      return Promise.all(mediaChoices.map((choice) => {
        const options = { ...choice.options, ...overrides[choice.name] };
        return createPart("media", { name: choice.name, options }, NO_CONTEXT);
      }));
    },
    rateDoubler: (name, options = {}) => createPart("rateDoubler", { name, options }, NO_CONTEXT),
    metric: (name, options = {}) => createPart("metric", { name, options }, NO_CONTEXT),
  };
}
