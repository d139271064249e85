import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Scalar, Tensor4D } from "@tensorflow/tfjs-core";
import type { WeightsImporter } from "./importer.ts";
import type { MediaHandler, RateDoubler, VideoMetric } from "./media.ts";
import type { ModelEntry } from "./models.ts";
import type {
  Features,
  FlowPair,
  Interpolated,
  InterpolationInput,
  PairInput,
  Parameters,
  Parametric,
} from "./tensors.ts";

/** Samples an image along a flow. */
export interface Warp {
  /**
   * Computes g(`image`, `flow`): each output pixel is sampled from `image` [N, H, W, C] at its own position plus `flow`
   * [T, H, W, 2] in pixels (T equals N, or N is 1). Zero flow returns the image unchanged, bit for bit. Differentiable in
   * both arguments.
   *
   * @returns [T, H, W, C]; the caller disposes.
   * @throws {RangeError} If the shapes do not match.
   */
  warp(image: Tensor4D, flow: Tensor4D): Tensor4D;
}

/** Memory and alignment of a network whose options decide them. They replace those of its {@linkcode PartDefinition}. */
export interface NetworkHints {
  /** As {@linkcode PartDefinition.memory}. @default {that of the definition} */
  readonly memory?: MemoryEstimate | undefined;
  /** As {@linkcode PartDefinition.alignment}. @default {that of the definition} */
  readonly alignment?: number | undefined;
}

/** Estimates the optical flow between two frames, in one direction or both. Runs once per frame pair. */
export interface FlowEstimator extends Parametric, NetworkHints {
  /** The host pads height and width to a multiple of this (edge replicated, right and below) and crops the flow. */
  readonly multiple: number;
  /**
   * Estimates the flow between `first` and `second`, [N, H, W, 3] each, RGB in [0, 1], with H and W multiples of `multiple`.
   * Differentiable in the parameters. The host keeps the ownership of all arguments.
   *
   * @returns Flow in pixels of that size, float32; the caller disposes all of its tensors.
   */
  estimate(parameters: Parameters, first: Tensor4D, second: Tensor4D): FlowPair;
}

/** Interpolates frames between two source frames. */
export interface Interpolator extends Parametric, NetworkHints {
  /**
   * The flow that it needs: `none` for an interpolator that works without. For `both`, the host runs an estimator of one
   * direction a second time, with the frames exchanged.
   */
  readonly flow: "both" | "forward" | "none";
  /**
   * Whether an interpolator without flow estimates flow by itself, at the `flowScale` of its input. The host refuses other
   * scales than 1 for interpolators without flow that do not.
   * @default {false}
   */
  readonly takesFlowScale?: boolean | undefined;
  /** The host pads height and width to a multiple of this (edge replicated, right and below) and crops the result. */
  readonly multiple: number;
  /**
   * Computes features of frames [N, H, W, 3] that depend on nothing else. The host may call this once for each frame and
   * pass the result to {@linkcode preparePair} and {@linkcode interpolate} for both pairs of the frame, as `firstFeatures`
   * and `secondFeatures`. A part computes the features itself where it does not get them, and its results are the same.
   *
   * @param flowScale That of the pairs, for a part that `takesFlowScale`.
   * @returns New tensors, none of the arguments; the caller disposes all of them.
   */
  readonly prepareFrame?: ((parameters: Parameters, frame: Tensor4D, flowScale?: number) => Features) | undefined;
  /**
   * Computes features of pairs that do not depend on the time. The host may call this once for each pair and pass the
   * result to {@linkcode interpolate} for all times, as `pairFeatures`. A part computes them itself where it does not get
   * them, and its results are the same.
   *
   * @returns New tensors, none of the arguments; the caller disposes all of them.
   */
  readonly preparePair?: ((parameters: Parameters, pair: PairInput) => Features) | undefined;
  /**
   * Interpolates frames at all `times` of the pairs. Differentiable in the parameters and in the flow. The host keeps the
   * ownership of all arguments.
   *
   * @returns New tensors, none of the arguments; the caller disposes all of them.
   */
  interpolate(parameters: Parameters, input: InterpolationInput): Interpolated;
}

/** Input of a loss: one training step. All frames are RGB in [0, 1]. */
export interface LossInput extends InterpolationInput {
  /** Ground-truth frames at the times, [T, H, W, 3]. */
  readonly groundTruth: Tensor4D;
  /** Output of the interpolator. */
  readonly output: Interpolated;
  /** Ground-truth flow, if the data has it (synthetic motion). */
  readonly knownFlow?: FlowPair | undefined;
  /**
   * Resolution scale of these tensors, relative to the size at which the step trains (default: 1). Below 1 at a coarser
   * pyramid level of the flow estimator, where `output.frames` is the ground truth itself. Divide lengths of flow by
   * it to get pixels of the full size.
   */
  readonly scale?: number | undefined;
}

/** The weights file of a loss with parameters; they are not trained. */
export interface LossWeights {
  /** The weights file, a path relative to the manifest or a URL. Without one, the host leaves the loss out and warns. */
  readonly location: string | undefined;
  /** Prefix of the names of the loss's tensors in the file. */
  readonly prefix: string;
  /** Advice to a user without a file, for the end of a message, after a semicolon. */
  readonly advice: string;
}

/** A training loss: a scalar that training minimizes. */
export interface Loss extends Parametric {
  /** The weights file, for a loss with parameters. */
  readonly weights?: LossWeights | undefined;
  /** Whether it measures flow, and therefore applies at every pyramid level of a coarse-to-fine flow estimator. */
  readonly everyPyramidLevel?: boolean | undefined;
  /**
   * Computes the unweighted loss, the mean over the batch. Differentiable in the tensors of `output` and `flow`.
   *
   * @returns A scalar; the caller disposes.
   * @throws {UsageError} If it needs flow and the interpolator has none.
   */
  compute(parameters: Parameters, input: LossInput): Scalar;
}

/** Other parts that a part can use, passed when it is created. */
export interface PartContext {
  /** The warp of the manifest's `warp` slot. */
  readonly warp: Warp;
}

/** The slots of a manifest, and the type of part that each takes. */
export interface Slots {
  /** Estimates optical flow. */
  flowEstimator: FlowEstimator;
  /** Interpolates frames. */
  interpolator: Interpolator;
  /** Samples an image along a flow. */
  warp: Warp;
  /** Training loss. */
  loss: Loss;
  /** Reads and writes media. */
  media: MediaHandler;
  /** Doubles frame rates by another method, as a baseline for comparisons. */
  rateDoubler: RateDoubler;
  /** Scores videos against their ground truth, for evaluation. */
  metric: VideoMetric;
}

/** The name of a slot. */
export type SlotName = keyof Slots;

/** Settings of a part under one training preset. */
export interface TrainingPreset {
  /** Weight of a loss in the sum of losses. A preset without it leaves the loss out. */
  readonly weight?: number | undefined;
  /** Options of the part. Options in a manifest take precedence. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** Settings of a part for training. */
export interface TrainingHints {
  /** Settings by the name of a training preset: `recipe`, `paper`, `quick`. */
  readonly presets?: Readonly<Record<string, TrainingPreset>> | undefined;
  /**
   * For a coarse-to-fine flow estimator: the name of its option that lists resolution scales, relative to the frame size.
   * Training then draws from several lists; an estimator without this is trained with its own options.
   */
  readonly pyramidOption?: string | undefined;
  /**
   * Name of the part of the same slot that is trained in place of this one, unless training starts from weights for this one.
   * For a network that needs more data than most have to learn from random weights.
   */
  readonly instead?: string | undefined;
}

/** Memory that a network needs to process one frame pair. */
export interface MemoryEstimate {
  /**
   * Bytes per pixel of the frames at the peak, without weights: the float32 activations that exist at one time. A part
   * without an estimate is planned with 800, enough for an encoder-decoder network with 32 channels at full resolution.
   */
  readonly bytesPerPixel: number;
}

/** Definition of a part that a plugin provides for a slot. */
export interface PartDefinition<S extends SlotName = SlotName, O = unknown> {
  /** The slot of the part. */
  readonly slot: S;
  /** Name of the part in a manifest's `use`, in kebab case. */
  readonly name: string;
  /** One sentence for `plugin list`. */
  readonly description: string;
  /**
   * Schema of the options, of any library that implements Standard Schema. It validates them, synchronously, and fills in
   * defaults before work starts.
   */
  readonly options: StandardSchemaV1<unknown, O>;
  /** Options that belong to the weights, because they determine the shapes or the meaning of parameters. A weights file records them, and a manifest must not contradict it. */
  readonly architecture?: readonly string[];
  /** Training presets of a network or a loss. */
  readonly training?: TrainingHints | undefined;
  /** Converters of weights from other programs' model files. */
  readonly importers?: readonly WeightsImporter[] | undefined;
  /** For a flow estimator or an interpolator: the memory that it needs. The host plans workers and tiles with it. */
  readonly memory?: MemoryEstimate | undefined;
  /**
   * For a flow estimator or an interpolator that pads frames by itself: the factor of its coarsest features, for example 32
   * for a network that halves the size five times. Tiles of large frames start at multiples of it, so that the network
   * pools the same pixels as in the whole frame. @default {the `multiple` of the part}
   */
  readonly alignment?: number | undefined;
  /**
   * Reason why a graph runtime cannot trace the part, for example because its control flow depends on tensor values.
   * The host then runs it on a tfjs backend. Absent for parts that can be traced.
   */
  readonly untraceable?: string | undefined;
  /**
   * For a flow estimator or an interpolator: reason why it cannot be trained, for example because an op has no gradient. The
   * host then refuses to train it, and the conformance kit does not check its gradients. Absent for parts that can be trained.
   */
  readonly untrained?: string | undefined;
  /**
   * Creates the part from validated options, without tensors. `context` is empty for the slots `warp`, `media`, `rateDoubler` and `metric`.
   *
   * @throws {UsageError} If options contradict each other.
   */
  create(options: O, context: PartContext): Slots[S];
}

/** Default export of a plugin module: a named set of parts for one version of the contracts. */
export interface Plugin {
  /** Name for logs and errors; by convention the package name. */
  readonly name: string;
  /** Version of the contracts that the plugin is written for; see {@linkcode API_VERSION}. */
  readonly apiVersion: number;
  /** The parts that it provides. */
  readonly provides: readonly PartDefinition[];
  /** Models that users of the plugin can install by name. Relative URLs are relative to the module. */
  readonly models?: Readonly<Record<string, ModelEntry>> | undefined;
}

/**
 * Version of the contracts in this package. It rises, together with the major version of this package, with any change that
 * breaks a correct plugin or alters its results; `docs/contracts.md` lists such changes. Loading a plugin for another version
 * is a {@linkcode UsageError}.
 */
export const API_VERSION = 1;

/** Returns the plugin unchanged, with its type checked: `export default definePlugin({ … })`. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** Returns a part unchanged, with its type inferred from its slot and its options' schema, for `provides`. */
export function definePart<S extends SlotName, O>(part: PartDefinition<S, O>): PartDefinition {
  return part as unknown as PartDefinition;
}
