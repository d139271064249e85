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
import { BLOCK_REDUCTION, CHANNELS, REDUCTIONS } from "./block.ts";
import { encodeFrame, type FrameFeatures, type FrameView } from "./encoder.ts";
import { interpolateRife, rifeParameters } from "./network.ts";
import { type BlockOptions, blockOptions, requireBlocks } from "./options.ts";

/** Options of {@linkcode rife}. */
export interface RifeOptions extends BlockOptions {
  /**
   * Samples the inputs of coarse blocks only where the blocks see them, in place of warping whole frames. It takes 0.73 of
   * the time, and changes frames by about 0.001 on average. @default {false}
   */
  readonly reducedWarps?: boolean | undefined;
}

const schema = z.strictObject({
  ...blockOptions({ channels: CHANNELS, reductions: REDUCTIONS }),
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
  requireBlocks(channels, reductions);
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
