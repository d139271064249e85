import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Scalar, Tensor4D } from "@tensorflow/tfjs-core";
import type { WeightsImporter } from "./importer.ts";
import type { MediaHandler, RateDoubler } from "./media.ts";
import type { FlowPair, Interpolated, InterpolationInput, Parameters, Parametric } from "./tensors.ts";

/** Samples an image along a flow. */
export interface Warp {
  /**
   * g(`image`, `flow`): each output pixel is `image` [N, H, W, C] at its own place plus `flow` [T, H, W, 2] in pixels
   * (T equals N, or N is 1). Zero flow gives the image to the bit. Differentiable in both.
   *
   * @returns [T, H, W, C]; the caller disposes.
   * @throws {RangeError} If the shapes do not fit.
   */
  warp(image: Tensor4D, flow: Tensor4D): Tensor4D;
}

/** Finds the motion between two frames, in one direction or both; runs once a pair. Knows no time, no files, no tiles. */
export interface FlowEstimator extends Parametric {
  /** The host pads height and width to a multiple of this (edge replicated, right and below) and crops the flow. */
  readonly multiple: number;
  /**
   * Flow between `first` and `second`, [N, H, W, 3] each, RGB in [0, 1], H and W multiples of `multiple`. Differentiable in
   * the parameters. What is handed in stays the host's.
   *
   * @returns Flow in pixels of that size, float32; the caller disposes all that is in it.
   */
  estimate(parameters: Parameters, first: Tensor4D, second: Tensor4D): FlowPair;
}

/** Makes the frames between two frames. */
export interface Interpolator extends Parametric {
  /**
   * Which flow it wants: `none` for one that finds its own way. For `both` the host asks an estimator of one direction a
   * second time, with the frames exchanged.
   */
  readonly flow: "both" | "forward" | "none";
  /** The host pads height and width to a multiple of this (edge replicated, right and below) and crops the result. */
  readonly multiple: number;
  /**
   * Frames at all `times` of the pairs. Differentiable in the parameters and in the flow. What is handed in stays the host's.
   *
   * @returns Tensors of its own, none of those handed in; the caller disposes all of them.
   */
  interpolate(parameters: Parameters, input: InterpolationInput): Interpolated;
}

/** What a loss sees of one training step; all frames RGB in [0, 1]. */
export interface LossInput extends InterpolationInput {
  /** True frames at the times [T, H, W, 3]. */
  readonly groundTruth: Tensor4D;
  /** What the interpolator made of them. */
  readonly output: Interpolated;
  /** Known flow, where the data has it (synthetic motion). */
  readonly knownFlow?: FlowPair | undefined;
  /**
   * Resolution scale of these tensors, relative to the size at which the step trains (default: 1). Below 1 at a coarser
   * pyramid level of the flow estimator, where `output.frames` is the ground truth itself. Divide lengths of flow by it, so
   * that they count in pixels of the full size.
   */
  readonly scale?: number | undefined;
}

/** Where the parameters of a loss come from; they are not trained. */
export interface LossWeights {
  /** The weights file, a path relative to the manifest or a URL. Without one the host leaves the loss out and says so. */
  readonly location: string | undefined;
  /** First word of the names of the loss's tensors in the file. */
  readonly prefix: string;
  /** What a person without a file can do, to follow a semicolon. */
  readonly advice: string;
}

/** A number to make small, with its gradient. */
export interface Loss extends Parametric {
  /** Of a loss with parameters. */
  readonly weights?: LossWeights | undefined;
  /** Whether it measures flow, and therefore counts at every pyramid level of a coarse-to-fine flow estimator. */
  readonly everyPyramidLevel?: boolean | undefined;
  /**
   * The unweighted value; of a batch, the mean over its members. Differentiable in what `output` and `flow` hold.
   *
   * @returns A scalar; the caller disposes.
   * @throws {UsageError} If it needs flow and the interpolator works without.
   */
  compute(parameters: Parameters, input: LossInput): Scalar;
}

/** What a part may ask of the others when it is made. */
export interface PartContext {
  /** The warp of the manifest's `warp` slot. */
  readonly warp: Warp;
}

/** The slots that a manifest fills, and what fills them. */
export interface Slots {
  /** Finds motion. */
  flowEstimator: FlowEstimator;
  /** Makes frames. */
  interpolator: Interpolator;
  /** Samples along flow. */
  warp: Warp;
  /** Trains. */
  loss: Loss;
  /** Reads and writes media. */
  media: MediaHandler;
  /** Doubles frame rates by another method, as a baseline for comparisons. */
  rateDoubler: RateDoubler;
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

/** How a part takes part in training. */
export interface TrainingHints {
  /** Settings by the name of a training preset: `recipe`, `paper`, `quick`. */
  readonly presets?: Readonly<Record<string, TrainingPreset>> | undefined;
  /**
   * Of a coarse-to-fine flow estimator: the name of its option that lists resolution scales, relative to the frame size.
   * Training then draws from several lists; an estimator without this is trained with its own options.
   */
  readonly pyramidOption?: string | undefined;
}

/** Memory that a network needs to process one frame pair. */
export interface MemoryEstimate {
  /**
   * Bytes per pixel of the frames at the peak, without weights: the float32 activations that exist at one time. A part
   * without an estimate is planned with 800, enough for an encoder-decoder network with 32 channels at full resolution.
   */
  readonly bytesPerPixel: number;
}

/** How a plugin offers one part for a slot. */
export interface PartDefinition<S extends SlotName = SlotName, O = unknown> {
  /** The slot that the part fits. */
  readonly slot: S;
  /** Name by which a manifest's `use` picks it, in kebab case. */
  readonly name: string;
  /** One sentence for `plugin list`. */
  readonly description: string;
  /**
   * Checks the options and fills defaults in, before anything heavy starts; answers at once. Any Standard Schema library
   * serves.
   */
  readonly options: StandardSchemaV1<unknown, O>;
  /** The options that belong to weights: they decide the parameters' shapes or what their numbers mean. A weights file records them and they must agree. */
  readonly architecture?: readonly string[];
  /** Training presets of a network or a loss. */
  readonly training?: TrainingHints | undefined;
  /** Converters of weights from other programs' model files. */
  readonly importers?: readonly WeightsImporter[] | undefined;
  /** Of a flow estimator or an interpolator: the memory that it needs. The host plans workers and tiles by it. */
  readonly memory?: MemoryEstimate | undefined;
  /**
   * Of a flow estimator or an interpolator that pads frames by itself: the factor of its coarsest features, for example 32
   * for a network that halves the size five times. Tiles of large frames start at multiples of it, so that the network
   * pools the same pixels as in the whole frame. @default {the `multiple` of the part}
   */
  readonly alignment?: number | undefined;
  /**
   * Reason why a graph runtime cannot trace the part, for example because it reads tensor values to decide what to compute.
   * The host then runs it on a tfjs backend. Absent for parts that can be traced.
   */
  readonly untraceable?: string | undefined;
  /**
   * Makes the part from checked options, and no tensors. `context` is empty for the slots `warp`, `media` and `rateDoubler`.
   *
   * @throws {UsageError} If options that are right one by one contradict each other.
   */
  create(options: O, context: PartContext): Slots[S];
}

/** A module's default export: a named set of parts for one version of this contract. */
export interface Plugin {
  /** Name for logs and errors; the package name by custom. */
  readonly name: string;
  /** The version of the contracts that the plugin is written for, as a number; see {@linkcode API_VERSION}. */
  readonly apiVersion: number;
  /** The parts it offers. */
  readonly provides: readonly PartDefinition[];
}

/**
 * Version of the contracts in this package. It rises, and this package's major version with it, when a plugin that was right
 * would no longer run or would compute something else; `docs/contracts.md` says what that is. Loading a plugin that names
 * another version is a {@linkcode UsageError}.
 */
export const API_VERSION = 1;

/** Types a plugin without changing it: `export default definePlugin({ … })`. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** Types one part of a plugin from its slot and its options' schema, for `provides`. */
export function definePart<S extends SlotName, O>(part: PartDefinition<S, O>): PartDefinition {
  return part as unknown as PartDefinition;
}
