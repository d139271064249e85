import { type Tensor1D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { FlowPair, Interpolated, Parameters } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { findPart, partLabel } from "@slomo/core/manifest";
import type { PartChoice } from "@slomo/core/manifest";
import type { ResolvedManifest } from "@slomo/core/manifest";
import { createToolkit } from "@slomo/core/manifest";
import { cropTo, padToMultiple } from "@slomo/ops";
import { loadParameters, type WeightsPrefix } from "@slomo/weights";
import type { WeightsFile } from "@slomo/weights";
import { estimateFlow } from "./estimate_flow.ts";
import { type PixelFacts, PLAIN_PIXELS } from "./pixel_range.ts";

/** What the networks of a pair are made from. */
export interface NetworksSetup {
  /** Names the plugins and the parts. */
  readonly manifest: ResolvedManifest;
  /** Weights for the networks; `undefined` where none has any. */
  readonly weights: WeightsFile | undefined;
  /** Size at which flow is estimated over the frames' size, above 0, at most 1. */
  readonly flowScale: number;
}

/** Two frames as the networks see them, [1, H, W, 3] each. */
export interface PairTensors {
  /** I0. */
  readonly first: Tensor4D;
  /** I1. */
  readonly second: Tensor4D;
}

/** The two passes of a pair: functions of tensors alone, the same on every backend and in every engine. */
export interface PairNetworks {
  /** What errors call the parts. */
  readonly labels: Readonly<Record<WeightsPrefix, string>>;
  /** The range in which the networks see pixels. */
  readonly pixels: PixelFacts;
  /** Finds the flow, once a pair; absent where the interpolator needs none. The caller disposes what it returns. */
  readonly flow?: ((parameters: Parameters, pair: PairTensors) => FlowPair) | undefined;
  /** Makes the frames at `times` [T], cropped to the size of the pair; the caller disposes what it returns. */
  frames(
    parameters: Parameters,
    pair: PairTensors & { readonly flow?: FlowPair | undefined },
    times: Tensor1D,
  ): Interpolated;
  /**
   * Parameters of the flow estimator or of the interpolator on the backend that is set; the caller disposes.
   *
   * @throws {UsageError} If the weights are absent, or are for another architecture.
   */
  parameters(part: WeightsPrefix): Parameters;
}

/**
 * Makes the networks of a manifest.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other.
 */
export async function openPairNetworks({ manifest, weights, flowScale }: NetworksSetup): Promise<PairNetworks> {
  const toolkit = await createToolkit(manifest);
  const { flowEstimator, interpolator } = await toolkit.networks(weights?.facts);
  const { use } = manifest;
  const label = (slot: "flowEstimator" | "interpolator", { name }: PartChoice) => {
    const { plugin, part } = findPart(toolkit.plugins, slot, name);
    return partLabel(plugin, part);
  };
  const labels = {
    flow: use.flowEstimator ? label("flowEstimator", use.flowEstimator) : "the flow",
    interpolation: label("interpolator", use.interpolator),
  };
  const specs = { flow: flowEstimator?.parameters ?? [], interpolation: interpolator.parameters };
  return {
    labels,
    pixels: weights?.facts ?? PLAIN_PIXELS,
    flow: flowEstimator &&
      ((parameters, { first, second }) => estimateFlow(flowEstimator, parameters, first, second, flowScale)),
    frames: (parameters, { first, second, flow }, times) =>
      tidy(() => {
        const [, height, width] = first.shape;
        const grown = (x: Tensor4D) => padToMultiple(x, interpolator.multiple);
        const made = interpolator.interpolate(parameters, {
          first: grown(first),
          second: grown(second),
          flow: flow && { forward: grown(flow.forward), backward: flow.backward && grown(flow.backward) },
          times,
        });
        const cropped = (x: Tensor4D) => cropTo(x, height, width);
        return {
          frames: cropped(made.frames),
          flowToFirst: made.flowToFirst && cropped(made.flowToFirst),
          flowToSecond: made.flowToSecond && cropped(made.flowToSecond),
          visibility: made.visibility && cropped(made.visibility),
        };
      }),
    parameters(part) {
      if (specs[part].length === 0) return {};
      if (weights === undefined) {
        throw new UsageError(`${labels[part]} needs weights; give --weights FILE or name them in the manifest`);
      }
      return loadParameters(specs[part], part, weights);
    },
  };
}
