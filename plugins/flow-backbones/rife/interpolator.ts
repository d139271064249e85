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
import { BLOCKS, encodeFrame, type FrameFeatures, interpolateRife, MULTIPLE, rifeParameters } from "./network.ts";

/** Options of {@linkcode rife}. */
export interface RifeOptions {
  /** Channels of the five blocks, coarse to fine, even numbers of 2 to 512. @default {[192, 128, 96, 64, 32]} */
  readonly channels?: readonly number[] | undefined;
  /**
   * Samples the inputs of coarse blocks only where the blocks see them, in place of warping whole frames. It takes 0.73 of
   * the time, and changes frames by about 0.001 on average. @default {false}
   */
  readonly reducedWarps?: boolean | undefined;
}

/** Options with defaults filled in. */
interface CompleteOptions {
  readonly channels: readonly number[];
  readonly reducedWarps: boolean;
}

const schema: z.ZodType<CompleteOptions> = z.strictObject({
  channels: z.array(z.int().min(2).max(512).multipleOf(2)).length(BLOCKS).default([192, 128, 96, 64, 32]).describe(
    "Channels of the five blocks, coarse to fine, even numbers.",
  ),
  reducedWarps: z.boolean().default(false).describe(
    "Sample the inputs of coarse blocks only where the blocks see them: 0.73 of the time, with nearly the same frames.",
  ),
});

/** Measured on onnxruntime at 432×240 to 1296×720. */
const MEMORY: MemoryEstimate = { bytesPerPixel: 770 };

/** Resolution scales of the flow. */
const FLOW_SCALES: readonly number[] = [1, 0.5, 0.25];

/** Returns the number that sizes are padded to multiples of. @throws {UsageError} If the network has no such flow scale. */
function multipleAt(flowScale: number): number {
  if (FLOW_SCALES.includes(flowScale)) return MULTIPLE / flowScale;
  throw new UsageError(`rife: \`flowScale\` must be 1, 0.5 or 0.25, got ${flowScale}`, { option: "flowScale" });
}

/** Returns features that `prepareFrame` has returned before. */
const featuresOf = (features: Readonly<Record<string, tf.Tensor4D>> | undefined): FrameFeatures | undefined =>
  features?.encoded && { encoded: features.encoded, averaged: features.averaged };

/**
 * RIFE 4.25 (Huang et al., ECCV 2022): estimates the flow at any time between two frames by itself, coarse to fine, and
 * blends the warped frames. Frames of any size.
 *
 * @throws {RangeError} If an option is out of its range.
 */
export function rife(options: RifeOptions, { warp }: PartContext): Interpolator {
  const { channels, reducedWarps } = completeOptions("rife", schema, options);
  const encode = (parameters: Parameters, frame: tf.Tensor4D) => encodeFrame(parameters, frame, reducedWarps);
  return {
    flow: "none",
    takesFlowScale: true,
    multiple: 1,
    parameters: rifeParameters(channels),
    prepareFrame(parameters, frame, flowScale = 1) {
      const [encoded, averaged] = tf.tidy(() => {
        const features = encode(parameters, ops.padToMultiple(frame, multipleAt(flowScale)));
        return [features.encoded, ...features.averaged ? [features.averaged] : []];
      });
      return { encoded: encoded!, ...averaged && { averaged } };
    },
    interpolate(parameters, { first, second, times, firstFeatures, secondFeatures, flowScale = 1 }) {
      requireSameShape("rife", first, second);
      const [, height, width] = first.shape, multiple = multipleAt(flowScale);
      const [frames, flowToFirst, flowToSecond, visibility] = tf.tidy(() => {
        const padded = [ops.padToMultiple(first, multiple), ops.padToMultiple(second, multiple)] as const;
        const features = [
          featuresOf(firstFeatures) ?? encode(parameters, padded[0]),
          featuresOf(secondFeatures) ?? encode(parameters, padded[1]),
        ] as const;
        const inputs = { first: padded[0], second: padded[1], features, times, flowScale };
        const outputs = interpolateRife(parameters, inputs, warp);
        return [outputs.frames, outputs.flowToFirst, outputs.flowToSecond, outputs.visibility]
          .map((x) => ops.cropTo(x, height, width)) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
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
  architecture: ["channels"],
  importers: [rifeCheckpoint],
  memory: MEMORY,
  alignment: MULTIPLE,
  create: rife,
});
