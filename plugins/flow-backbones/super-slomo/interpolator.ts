import defer * as tf from "@tensorflow/tfjs-core";
import {
  definePart,
  type InterpolationInput,
  type Interpolator,
  type Parameters,
  type PartContext,
  type PartDefinition,
} from "@slomo/core";
import { z } from "zod";
import { completeOptions } from "../arguments.ts";
import { adaptUNet } from "./adapt.ts";
import { flowAtT, repeatForTimes } from "./flow_at_t.ts";
import { pytorchPort } from "./import_port.ts";
import { pytorchTwin } from "./import_twin.ts";
import { type Complete, unetArchitecture, unetMemory, type UNetOptions, unetOptions, unetPresets } from "./options.ts";
import { synthesize } from "./synthesis.ts";
import { multipleOf, unet, unetParameters } from "./unet.ts";

/** Options of {@linkcode superSlomoInterpolator}. */
export interface InterpolatorOptions extends UNetOptions {
  /**
   * Input of the network. `paper`, 16 channels: I0, I1, g(I0, F^(t→0)), g(I1, F^(t→1)), F^(t→0), F^(t→1).
   * `withFlows`, 20 channels: F(0→1) and F(1→0) after them.
   * @default {"paper"}
   */
  readonly interpolationInput?: "paper" | "withFlows" | undefined;
  /**
   * Resolution scale at which the network runs, relative to the frame size. Below 1 it reads and computes blocks of pixels
   * (space to depth, depth to space); the frames are warped and blended at full resolution.
   * @default {1}
   */
  readonly interpolationScale?: 1 | 0.5 | 0.25 | undefined;
}

const schema: z.ZodType<Complete<InterpolatorOptions>> = z.strictObject({
  ...unetOptions,
  interpolationInput: z.enum(["paper", "withFlows"]).default("paper").describe(
    "Input of the network: as in the paper, or also the flow between the frames.",
  ),
  interpolationScale: z.union([z.literal(1), z.literal(0.5), z.literal(0.25)]).default(1).describe(
    "Resolution scale at which the network runs, relative to the frame size; frames are warped and blended at full resolution.",
  ),
});

/** ΔF(t→0), ΔF(t→1) and V(t←0). */
const OUTPUTS = 5;

const CHANNELS = { paper: 16, withFlows: 20 } as const;

/** Interpolated frames, refined flow at t, visibility, approximate flow at t, and the frames warped along the approximate flow. */
type Outputs = [
  frames: tf.Tensor4D,
  flowToFirst: tf.Tensor4D,
  flowToSecond: tf.Tensor4D,
  visibility: tf.Tensor4D,
  nearFirst: tf.Tensor4D,
  nearSecond: tf.Tensor4D,
  firstWarped: tf.Tensor4D,
  secondWarped: tf.Tensor4D,
];

/**
 * Creates the paper's flow interpolation, UNet B, and synthesis. Frames may have any size.
 *
 * @throws {RangeError} If an option is outside of its range.
 */
export function superSlomoInterpolator(options: InterpolatorOptions, { warp }: PartContext): Interpolator {
  const complete = completeOptions("super-slomo", schema, options);
  const { flowActivation, interpolationInput, channels } = complete, reduction = 1 / complete.interpolationScale;
  const layout = { channels, reduction };
  // The network sees and computes flow in pixels of its own size.
  const flowScale = complete.flowScale * reduction;

  /** Returns ΔF(t→0), ΔF(t→1) in pixels and V(t←0). */
  function refinement(parameters: Parameters, images: tf.Tensor4D[], flows: tf.Tensor4D[]): tf.Tensor4D[] {
    return tf.tidy(() => {
      const raw = unet(
        parameters,
        tf.concat([...images, ...flows.map((flow) => tf.div<tf.Tensor4D>(flow, flowScale))], 3),
        layout,
      );
      const active = flowActivation === "leakyRelu" ? tf.leakyRelu(raw, 0.1) : raw;
      const [toFirst, toSecond, logit] = tf.split(active, [2, 2, 1], 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      return [tf.mul(toFirst, flowScale), tf.mul(toSecond, flowScale), tf.sigmoid(logit)];
    });
  }

  function compute(parameters: Parameters, { first, second, flow, times }: InterpolationInput): Outputs {
    if (flow?.backward === undefined) throw new TypeError("super-slomo: interpolation needs flow in both directions");
    const { forward, backward } = flow, count = times.shape[0];
    const near = flowAtT(forward, backward, times);
    const firstWarped = warp.warp(first, near.flowToFirst), secondWarped = warp.warp(second, near.flowToSecond);
    const images = [repeatForTimes(first, count), repeatForTimes(second, count), firstWarped, secondWarped];
    const flows = [near.flowToFirst, near.flowToSecond];
    if (interpolationInput === "withFlows") flows.push(repeatForTimes(forward, count), repeatForTimes(backward, count));
    const [changeToFirst, changeToSecond, visibility] = refinement(parameters, images, flows) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const flowToFirst = tf.add<tf.Tensor4D>(near.flowToFirst, changeToFirst);
    const flowToSecond = tf.add<tf.Tensor4D>(near.flowToSecond, changeToSecond);
    const frames = synthesize(warp.warp(first, flowToFirst), warp.warp(second, flowToSecond), visibility, times);
    const { flowToFirst: nearFirst, flowToSecond: nearSecond } = near;
    return [frames, flowToFirst, flowToSecond, visibility, nearFirst, nearSecond, firstWarped, secondWarped];
  }

  const parameters = unetParameters({ ...complete, reduction, inputs: CHANNELS[interpolationInput], outputs: OUTPUTS });
  return {
    flow: "both",
    multiple: 1,
    parameters,
    memory: unetMemory({ ...complete, reduction }),
    alignment: multipleOf(layout),
    adapt: (tensors) => adaptUNet(tensors, parameters, OUTPUTS),
    interpolate(parameters, input) {
      const [frames, flowToFirst, flowToSecond, visibility, nearFirst, nearSecond, firstWarped, secondWarped] = tf.tidy(
        () => compute(parameters, input),
      );
      const approximate = { flowToFirst: nearFirst, flowToSecond: nearSecond, firstWarped, secondWarped };
      return { frames, flowToFirst, flowToSecond, visibility, approximate };
    },
  };
}

/** {@linkcode superSlomoInterpolator} for a manifest. */
export const superSlomoInterpolatorPart: PartDefinition = definePart({
  slot: "interpolator",
  name: "super-slomo",
  description: "The paper's flow interpolation UNet and synthesis.",
  options: schema,
  architecture: [...unetArchitecture, "interpolationInput", "interpolationScale"],
  training: { presets: unetPresets },
  importers: [pytorchTwin.interpolator, pytorchPort.interpolator],
  create: superSlomoInterpolator,
});
