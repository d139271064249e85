import { type Tensor1D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import {
  type Features,
  type FlowPair,
  type Interpolated,
  type InterpolationInput,
  type PairInput,
  type Parameters,
  UsageError,
} from "@slomo/core";
import { findPart, type PartChoice, partLabel, type ResolvedManifest, type Toolkit } from "@slomo/core/manifest";
import { cropTo, padToMultiple } from "@slomo/ops";
import { loadParameters, type WeightsFile, type WeightsPrefix } from "@slomo/weights";
import { estimateFlow } from "./estimate_flow.ts";
import { type PixelFacts, PLAIN_PIXELS } from "./pixel_range.ts";

/** A manifest whose plugins are loaded when they are needed. */
export interface LazyToolkit {
  /** The manifest. */
  readonly manifest: ResolvedManifest;
  /** Loads its plugins. */
  load(): Promise<Toolkit>;
}

/** Returns a toolkit with its plugins. */
export async function loadToolkit(toolkit: Toolkit | LazyToolkit): Promise<Toolkit> {
  return "load" in toolkit ? await toolkit.load() : toolkit;
}

/** The networks of a frame pair, their weights and their resolution scale. */
export interface NetworksSetup {
  /** Provides the networks. */
  readonly toolkit: Toolkit | LazyToolkit;
  /** Weights of the networks; `undefined` if the networks have none. */
  readonly weights: WeightsFile | undefined;
  /** Resolution scale at which flow is estimated, in (0, 1]. */
  readonly flowScale: number;
}

/** Two frames as input of the networks, [1, H, W, 3] each. */
export interface PairTensors {
  /** I0. */
  readonly first: Tensor4D;
  /** I1. */
  readonly second: Tensor4D;
}

/** The two passes over a frame pair, as pure functions of tensors: the same on every backend and in every graph runtime. */
export interface PairNetworks {
  /** Names of the parts in error messages. */
  readonly labels: Readonly<Record<WeightsPrefix, string>>;
  /** Range of the pixel values that the networks expect. */
  readonly pixels: PixelFacts;
  /** Estimates the flow, once per pair; absent if the interpolator needs none. The caller disposes the result. */
  readonly flow?: ((parameters: Parameters, pair: PairTensors) => FlowPair) | undefined;
  /** Computes features of a frame; absent if the interpolator prepares no frames. The caller disposes the result. */
  readonly prepareFrame?: ((parameters: Parameters, frame: Tensor4D) => Features) | undefined;
  /** Computes features of a pair; absent if the interpolator prepares no pairs. The caller disposes the result. */
  readonly preparePair?: ((parameters: Parameters, pair: PairInput) => Features) | undefined;
  /** Interpolates the frames at `times` [T], cropped to the size of the pair; the caller disposes the result. */
  frames(parameters: Parameters, pair: Omit<InterpolationInput, "times">, times: Tensor1D): Interpolated;
  /**
   * Loads the parameters of the flow estimator or of the interpolator on the backend that is set; the caller disposes them.
   *
   * @throws {UsageError} If there are no weights, or they are for another architecture.
   */
  parameters(part: WeightsPrefix): Parameters;
}

/**
 * Creates the networks of a toolkit.
 *
 * @throws {UsageError} If plugins, options and weights do not match.
 */
export async function openPairNetworks(setup: NetworksSetup): Promise<PairNetworks> {
  const { weights, flowScale } = setup;
  const toolkit = await loadToolkit(setup.toolkit);
  const { flowEstimator, interpolator } = await toolkit.networks(weights?.facts);
  const { use } = toolkit.manifest;
  const label = (slot: "flowEstimator" | "interpolator", { name }: PartChoice) => {
    const { plugin, part } = findPart(toolkit.plugins, slot, name);
    return partLabel(plugin, part);
  };
  const labels = {
    flow: use.flowEstimator ? label("flowEstimator", use.flowEstimator) : "the flow",
    interpolation: label("interpolator", use.interpolator),
  };
  if (interpolator.flow === "none" && flowScale !== 1 && !interpolator.takesFlowScale) {
    throw new UsageError(
      `${labels.interpolation}: cannot change the resolution of its flow: it estimates none; leave \`flowScale\` out`,
      { code: "invalid-option", option: "flowScale" },
    );
  }
  const specs = { flow: flowEstimator?.parameters ?? [], interpolation: interpolator.parameters };
  const padded = (x: Tensor4D) => padToMultiple(x, interpolator.multiple);
  const scale = interpolator.takesFlowScale ? flowScale : undefined;
  const paddedPair = <P extends PairInput>({ first, second, flow, ...features }: P) => ({
    ...features,
    first: padded(first),
    second: padded(second),
    flow: flow && { forward: padded(flow.forward), backward: flow.backward && padded(flow.backward) },
    ...scale !== undefined && { flowScale: scale },
  });
  return {
    labels,
    pixels: weights?.facts ?? PLAIN_PIXELS,
    flow: flowEstimator &&
      ((parameters, { first, second }) => estimateFlow(flowEstimator, parameters, first, second, flowScale)),
    prepareFrame: interpolator.prepareFrame &&
      ((parameters, frame) => tidy(() => ({ ...interpolator.prepareFrame!(parameters, padded(frame), scale) }))),
    preparePair: interpolator.preparePair &&
      ((parameters, pair) => tidy(() => ({ ...interpolator.preparePair!(parameters, paddedPair(pair)) }))),
    frames: (parameters, pair, times) =>
      tidy(() => {
        const [, height, width] = pair.first.shape;
        const output = interpolator.interpolate(parameters, { ...paddedPair(pair), times });
        const cropped = (x: Tensor4D) => cropTo(x, height, width);
        return {
          frames: cropped(output.frames),
          flowToFirst: output.flowToFirst && cropped(output.flowToFirst),
          flowToSecond: output.flowToSecond && cropped(output.flowToSecond),
          visibility: output.visibility && cropped(output.visibility),
        };
      }),
    parameters(part) {
      if (specs[part].length === 0) return {};
      if (weights === undefined) {
        throw new UsageError(`${labels[part]} needs weights; set \`weights\` or name a file in the manifest`, {
          code: "weights-missing",
          option: "weights",
        });
      }
      return loadParameters(specs[part], part, weights);
    },
  };
}
