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
import { rifeCheckpoint } from "./import_checkpoint.ts";
import {
  BLOCK_REDUCTION,
  CHANNELS,
  encodeFrame,
  type FrameFeatures,
  type FrameView,
  interpolateRife,
  REDUCTIONS,
  rifeParameters,
} from "./network.ts";

/** Options of {@linkcode rife}. */
export interface RifeOptions {
  /** Channels of the blocks, coarse to fine, even numbers of 2 to 512. @default {[192, 128, 96, 64, 32]} */
  readonly channels?: readonly number[] | undefined;
  /**
   * Factors by which the blocks reduce the frames, coarse to fine: powers of two up to 64, one for each block. Without a
   * block of factor 1, the flow is coarser, and the network faster. @default {[16, 8, 4, 2, 1]}
   */
  readonly reductions?: readonly number[] | undefined;
  /**
   * Samples the inputs of coarse blocks only where the blocks see them, in place of warping whole frames. It takes 0.73 of
   * the time, and changes frames by about 0.001 on average. @default {false}
   */
  readonly reducedWarps?: boolean | undefined;
}

/** Options with defaults filled in. */
interface CompleteOptions {
  readonly channels: readonly number[];
  readonly reductions: readonly number[];
  readonly reducedWarps: boolean;
}

/** Limit of the number of blocks. */
const MOST_BLOCKS = 8;

const reduction = z.int().min(1).max(64).refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two");

const schema: z.ZodType<CompleteOptions> = z.strictObject({
  channels: z.array(z.int().min(2).max(512).multipleOf(2)).min(1).max(MOST_BLOCKS).default([...CHANNELS]).describe(
    "Channels of the blocks, coarse to fine, even numbers.",
  ),
  reductions: z.array(reduction).min(1).max(MOST_BLOCKS).default([...REDUCTIONS]).describe(
    "Factors by which the blocks reduce the frames, coarse to fine: powers of two, one for each block.",
  ),
  reducedWarps: z.boolean().default(false).describe(
    "Sample the inputs of coarse blocks only where the blocks see them: 0.73 of the time, with nearly the same frames.",
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
  const { channels, reductions, reducedWarps } = completeOptions("rife", schema, options);
  if (channels.length !== reductions.length || reductions.some((n, i) => n > reductions[Math.max(0, i - 1)]!)) {
    throw new RangeError(
      "rife: channels and reductions must have one entry for each block, and no reduction may exceed the one before",
    );
  }
  const view: FrameView = { reductions, reducedWarps };
  const encode = (parameters: Parameters, frame: tf.Tensor4D, flowScale: number) =>
    encodeFrame(parameters, ops.padToMultiple(frame, multipleAt(reductions, flowScale)), view);
  return {
    flow: "none",
    takesFlowScale: true,
    multiple: 1,
    parameters: rifeParameters(channels),
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
        const outputs = interpolateRife(parameters, { first, second, features, times, flowScale }, view, warp);
        return [outputs.frames, outputs.flowToFirst, outputs.flowToSecond, outputs.visibility] as const;
      });
      return { frames, flowToFirst, flowToSecond, visibility };
    },
  };
}

/** {@linkcode rife} for a manifest. */
export const rifePart: PartDefinition = definePart({
  slot: "interpolator",
  name: "rife",
  description: "RIFE 4.25: estimates flow at any time by itself, coarse to fine, and blends the warped frames.",
  options: schema,
  architecture: ["channels", "reductions"],
  importers: [rifeCheckpoint],
  memory: MEMORY,
  alignment: BLOCK_REDUCTION * REDUCTIONS[0]!,
  create: rife,
});
