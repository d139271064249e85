import defer * as tf from "@tensorflow/tfjs-core";
import { definePart, type FlowEstimator, type Parameters, type PartContext, type PartDefinition } from "@slomo/core";
import { z } from "zod";
import { completeOptions, requireSameShape } from "../arguments.ts";
import { type Complete, unetArchitecture, unetMemory, type UNetOptions, unetOptions, unetPresets } from "./options.ts";
import { pytorchPort } from "./import_port.ts";
import { pytorchTwin } from "./import_twin.ts";
import { adaptUNet } from "./adapt.ts";
import { estimateOnLevels, type RefinementPasses } from "./pyramid.ts";
import { multipleOf, unet, unetParameters } from "./unet.ts";

/** Options of {@linkcode superSlomoFlow}. */
export interface FlowEstimatorOptions extends UNetOptions {
  /**
   * Pyramid levels: resolution scales at which the network runs, relative to the frame size, coarse to fine. Powers of
   * two, ascending, at most 1. More levels estimate larger motion; a finest scale below 1 is faster and leaves detail to
   * the interpolator. A number means a single level.
   * @default {[1]}
   */
  readonly flowLevels?: number | readonly number[] | undefined;
  /**
   * Passes of the network at each level after the first. 2 refines each direction by itself; 1 refines both together, in the
   * pixels of the first frame, and warps the change of F(1→0) to the second: F(1→0) += g(ΔF(1→0), F(1→0)).
   * @default {2}
   */
  readonly refinementPasses?: RefinementPasses | undefined;
}

/** F(0→1) and F(1→0). */
const FLOW_CHANNELS = 4;

const SMALLEST_SCALE = 1 / 16;

const level = z.number().min(SMALLEST_SCALE).max(1).refine((value) => Number.isInteger(Math.log2(value)), {
  error: "must be a power of two",
});

type CompleteOptions = Complete<UNetOptions> & {
  readonly flowLevels: readonly number[];
  readonly refinementPasses: RefinementPasses;
};

const schema: z.ZodType<CompleteOptions> = z.strictObject({
  ...unetOptions,
  flowLevels: z.union([level.transform((value) => [value]), z.array(level).min(1)]).default([1])
    .refine((levels) => levels.every((value, i) => i === 0 || value > levels[i - 1]!), {
      error: "must be ascending, for example [0.25, 0.5, 1]",
    })
    .describe(
      "Resolution scales at which the network runs, relative to the frame size, coarse to fine: powers of two, ascending, at most 1.",
    ),
  refinementPasses: z.union([z.literal(1), z.literal(2)]).default(2).describe(
    "Passes of the network at each level after the first: 2 for each direction by itself, 1 for both together.",
  ),
});

/** Tiles start at four times the alignment, so that only levels below a quarter need more than the network itself. */
const ALIGNED_LEVEL = 1 / 4;

/**
 * Creates the paper's flow computation, UNet A, which estimates optical flow in both directions. Frames may have any
 * size.
 *
 * @throws {RangeError} If an option is outside of its range.
 */
export function superSlomoFlow(options: FlowEstimatorOptions, { warp }: PartContext): FlowEstimator {
  const complete = completeOptions("super-slomo", schema, options);
  const { flowScale, flowActivation, flowLevels, refinementPasses, channels } = complete;
  const estimateOnce = (parameters: Parameters, first: tf.Tensor4D, second: tf.Tensor4D): tf.Tensor4D =>
    tf.tidy(() => {
      const raw = unet(parameters, tf.concat([first, second], 3), { channels });
      return tf.mul(flowActivation === "leakyRelu" ? tf.leakyRelu(raw, 0.1) : raw, flowScale);
    });
  const parameters = unetParameters({ ...complete, inputs: 6, outputs: FLOW_CHANNELS });
  return {
    multiple: 1,
    parameters,
    memory: unetMemory(complete),
    alignment: multipleOf({ channels }) * Math.max(1, ALIGNED_LEVEL / flowLevels[0]!),
    adapt: (tensors) => adaptUNet(tensors, parameters, FLOW_CHANNELS),
    estimate(parameters, first, second) {
      requireSameShape("super-slomo", first, second);
      const levels = tf.tidy(() =>
        estimateOnLevels((a, b) => estimateOnce(parameters, a, b), first, second, flowLevels, warp, refinementPasses)
          .flatMap((flow) => tf.split(flow, 2, 3)) as tf.Tensor4D[]
      );
      const pairs = flowLevels.map((_, i) => ({ forward: levels[2 * i]!, backward: levels[2 * i + 1]! }));
      const finest = pairs.pop()!;
      return { ...finest, coarser: pairs };
    },
  };
}

/** {@linkcode superSlomoFlow} for a manifest. */
export const superSlomoFlowPart: PartDefinition = definePart({
  slot: "flowEstimator",
  name: "super-slomo",
  description: "The paper's flow computation UNet, at one resolution or coarse to fine.",
  options: schema,
  architecture: unetArchitecture,
  training: { presets: unetPresets, pyramidOption: "flowLevels" },
  importers: [pytorchTwin.flowEstimator, pytorchPort.flowEstimator],
  create: superSlomoFlow,
});
