import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec, Warp } from "@slomo/core";
import { z } from "zod";
import { repeatForTimes } from "../super-slomo/flow_at_t.ts";
import { channelOptions, type Complete, kernelOption } from "../super-slomo/options.ts";
import { unet, unetParameters, type UNetShape } from "../super-slomo/unet.ts";
import { channelsOf } from "./layers.ts";
import { type FrameEstimate, warpAlong } from "./network.ts";

/** Options of the UNet that refines what the blocks estimate. */
export interface RefinementOptions {
  /** Channels of its hierarchies, finest first; two to eight hierarchies of 1 to 1024 channels. @default {[16, 24, 32, 64]} */
  readonly channels?: readonly number[] | undefined;
  /** Kernel size of the first hierarchy, odd and at most 15. @default {1} */
  readonly firstKernel?: number | undefined;
  /** Kernel size of the second hierarchy, odd and at most 15. @default {3} */
  readonly secondKernel?: number | undefined;
  /** Resolution scale at which it runs: below 1 it reads and computes blocks of pixels. @default {0.5} */
  readonly scale?: 1 | 0.5 | 0.25 | undefined;
}

/** Schema of {@linkcode RefinementOptions}. */
export const refinementSchema: z.ZodType<Complete<RefinementOptions>> = z.strictObject({
  channels: channelOptions([16, 24, 32, 64]).describe("Channels of its hierarchies, finest first."),
  firstKernel: kernelOption(1).describe("Kernel size of the first hierarchy, odd."),
  secondKernel: kernelOption(3).describe("Kernel size of the second hierarchy, odd."),
  scale: z.union([z.literal(1), z.literal(0.5), z.literal(0.25)]).default(0.5).describe(
    "Resolution scale at which it runs; frames are warped and blended at full resolution.",
  ),
});

/** Inputs: I0, I1, both frames warped, the flow to both, and the visibility. */
const INPUTS = 4 * 3 + 2 * 2 + 1;

/** Outputs: changes of the flow and of the logit of the visibility. */
const FLOW = 4, OUTPUTS = FLOW + 1;

/** Flow in the input and in the output has this unit, in pixels of the UNet's size. */
const FLOW_UNIT = 20;

const PREFIX = "refinement.";

/** Returns the shape of the UNet. */
export function refinementShape(
  { channels, firstKernel, secondKernel, scale }: Complete<RefinementOptions>,
): UNetShape {
  return { inputs: INPUTS, outputs: OUTPUTS, width: 1, channels, firstKernel, secondKernel, reduction: 1 / scale };
}

/** Returns the tensors of the refinement: `refinement.encoder.0.conv1.weight` and so on. */
export function refinementParameters(options: Complete<RefinementOptions>): ParameterSpec[] {
  return unetParameters(refinementShape(options)).map((spec) => ({ ...spec, name: PREFIX + spec.name }));
}

/**
 * Refines an estimate by a UNet that sees both frames, both warped along the flow, the flow and the visibility, as the
 * second network of Super SloMo does (Jiang et al., CVPR 2018, section 3.2).
 *
 * @param first I0 [N, H, W, 3], N is 1 or T.
 * @param second I1 [N, H, W, 3].
 */
export function refine(
  parameters: Parameters,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  { flow, logit }: FrameEstimate,
  options: Complete<RefinementOptions>,
  warp: Warp,
): FrameEstimate {
  const count = flow.shape[0], unit = FLOW_UNIT / options.scale;
  const frames = [first, second].map((frame) => repeatForTimes(frame, count));
  const seen = [...frames, ...warpAlong(first, second, flow, warp)];
  const input = tf.concat([...seen, tf.div<tf.Tensor4D>(flow, unit), tf.sigmoid(logit)], 3);
  const own = Object.fromEntries(
    Object.entries(parameters).flatMap(([name, x]) => name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), x]] : []),
  );
  const change = unet(own, input, refinementShape(options));
  return {
    flow: tf.add(flow, tf.mul(channelsOf(change, 0, FLOW), unit)),
    logit: tf.add(logit, channelsOf(change, FLOW, 1)),
  };
}
