import defer * as tf from "@tensorflow/tfjs-core";
import {
  definePart,
  type Interpolator,
  type MemoryEstimate,
  type Parameters,
  type PartContext,
  type PartDefinition,
  UsageError,
} from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { z } from "zod";
import { completeOptions, requireSameShape } from "../arguments.ts";
import { unetMemory } from "../super-slomo/options.ts";
import { multipleOf } from "../super-slomo/unet.ts";
import { rifeCheckpoint } from "./import_checkpoint.ts";
import { BLOCK_REDUCTION, CHANNELS, REDUCTIONS } from "./block.ts";
import { encodeFrame, type FrameFeatures, type FrameView } from "./encoder.ts";
import { estimateAtT, flowOf, rifeParameters, warpAlong } from "./network.ts";
import { type BlockOptions, blockOptions, requireBlocks } from "./options.ts";
import {
  refine,
  type RefinementOptions,
  refinementParameters,
  refinementSchema,
  refinementShape,
} from "./refinement.ts";

/** Options of {@linkcode rife}. */
export interface RifeOptions extends BlockOptions {
  /**
   * Samples averaged frames once for each pixel that a coarse block sees, instead of four times. It takes 0.8 of
   * the time, and changes frames by about 0.001 on average. @default {false}
   */
  readonly reducedWarps?: boolean | undefined;
  /** A UNet that refines flow and visibility before the frames are blended; RIFE 4.25 has none. @default {null} */
  readonly refinement?: RefinementOptions | null | undefined;
}

const schema = z.strictObject({
  ...blockOptions({ channels: CHANNELS, reductions: REDUCTIONS }),
  reducedWarps: z.boolean().default(false).describe(
    "Sample averaged frames once for each pixel that a coarse block sees, instead of four times: 0.8 of the time, with nearly the same frames.",
  ),
  refinement: refinementSchema.nullable().default(null).describe(
    "A UNet, as the second one of Super SloMo, that refines flow and visibility before the frames are blended.",
  ),
});

/** Measured on onnxruntime at 432×240 to 1296×720. */
const MEMORY: MemoryEstimate = { bytesPerPixel: 770 };

/** Resolution scales of the flow. */
const FLOW_SCALES: readonly number[] = [1, 0.5, 0.25];

/**
 * Returns the number that sizes are padded to multiples of.
 *
 * @throws {UsageError} If the network has no such flow scale.
 */
function multipleAt(reductions: readonly number[], flowScale: number): number {
  if (FLOW_SCALES.includes(flowScale)) return BLOCK_REDUCTION * reductions[0]! / flowScale;
  throw new UsageError(`rife: \`flowScale\` must be 1, 0.5 or 0.25, got ${flowScale}`, { option: "flowScale" });
}

/** Returns features that `prepareFrame` has returned before. */
const featuresOf = (features: Readonly<Record<string, tf.Tensor4D>> | undefined): FrameFeatures | undefined =>
  features?.seen && { seen: features.seen, averaged: features.averaged };

/**
 * RIFE 4.25 (Huang et al., ECCV 2022): estimates the flow at any time between two frames by itself, coarse to fine, and
 * blends the warped frames. Frames of any size.
 *
 * @throws {RangeError} If an option is out of its range.
 */
export function rife(options: RifeOptions, { warp }: PartContext): Interpolator {
  const { channels, reductions, reducedWarps, refinement } = completeOptions("rife", schema, options);
  requireBlocks(channels, reductions);
  const view: FrameView = { reductions, reducedWarps };
  const encode = (parameters: Parameters, frame: tf.Tensor4D, flowScale: number) =>
    encodeFrame(parameters, ops.padToMultiple(frame, multipleAt(reductions, flowScale)), view);
  return {
    flow: "none",
    takesFlowScale: true,
    multiple: 1,
    parameters: [...rifeParameters(channels), ...refinement ? refinementParameters(refinement) : []],
    ...refinement && {
      memory: { bytesPerPixel: Math.max(MEMORY.bytesPerPixel, unetMemory(refinementShape(refinement)).bytesPerPixel) },
      alignment: Math.max(BLOCK_REDUCTION * reductions[0]!, multipleOf(refinementShape(refinement))),
    },
    prepareFrame(parameters, frame, flowScale = 1) {
      const [seen, averaged] = tf.tidy(() => {
        const features = encode(parameters, frame, flowScale);
        return [features.seen, ...features.averaged ? [features.averaged] : []];
      });
      return { seen: seen!, ...averaged && { averaged } };
    },
    interpolate(parameters, { first, second, times, firstFeatures, secondFeatures, flowScale = 1 }) {
      requireSameShape("rife", first, second);
      const [frames, flowToFirst, flowToSecond, visibility] = tf.tidy(() => {
        const features = [
          featuresOf(firstFeatures) ?? encode(parameters, first, flowScale),
          featuresOf(secondFeatures) ?? encode(parameters, second, flowScale),
        ] as const;
        const padded = estimateAtT(parameters, { features, times, flowScale }, view, warp);
        const cropped = (x: tf.Tensor4D) => ops.cropTo(x, first.shape[1], first.shape[2]);
        const estimate = { flow: cropped(padded.flow), logit: cropped(padded.logit) };
        const { flow, logit } = refinement ? refine(parameters, first, second, estimate, refinement, warp) : estimate;
        const [fromFirst, fromSecond] = warpAlong(first, second, flow, warp), visibility = tf.sigmoid(logit);
        const frames = tf.add<tf.Tensor4D>(tf.mul(fromFirst, visibility), tf.mul(fromSecond, tf.sub(1, visibility)));
        return [frames, flowOf(flow, 0), flowOf(flow, 1), visibility] as const;
      });
      return { frames, flowToFirst, flowToSecond, visibility };
    },
  };
}

/** {@linkcode rife} for a manifest. */
export const rifePart: PartDefinition = definePart({
  slot: "interpolator",
  name: "rife",
  description:
    "RIFE 4.25: estimates flow at any time by itself, coarse to fine, and blends the warped frames. A UNet, as the second one of Super SloMo, may refine the flow first.",
  options: schema,
  architecture: ["channels", "reductions", "refinement"],
  training: { instead: "super-slomo" },
  importers: [rifeCheckpoint],
  memory: MEMORY,
  alignment: BLOCK_REDUCTION * REDUCTIONS[0]!,
  create: rife,
});
