import * as tf from "@tensorflow/tfjs-core";
import {
  definePart,
  type InterpolationInput,
  type Interpolator,
  type Parameters,
  type PartContext,
  type PartDefinition,
} from "@slomo/core";
import { z } from "zod";
import { flowAtT } from "./flow_at_t.ts";
import { pytorchPort } from "./import_port.ts";
import { pytorchTwin } from "./import_twin.ts";
import { narrowUNet } from "./narrow.ts";
import {
  type Complete,
  completeOptions,
  unetArchitecture,
  unetMemory,
  type UNetOptions,
  unetOptions,
  unetPresets,
} from "./options.ts";
import { synthesize } from "./synthesis.ts";
import { MULTIPLE, unet, unetParameters } from "./unet.ts";

/** Options of {@linkcode superSlomoInterpolator}. */
export interface InterpolatorOptions extends UNetOptions {
  /**
   * Input of the network. `paper`, 16 channels: I0, I1, g(I0, F^(t→0)), g(I1, F^(t→1)), F^(t→0), F^(t→1).
   * `withFlows`, 20 channels: F(0→1) and F(1→0) after them.
   * @default {"paper"}
   */
  readonly interpolationInput?: "paper" | "withFlows" | undefined;
}

const schema: z.ZodType<Complete<InterpolatorOptions>> = z.strictObject({
  ...unetOptions,
  interpolationInput: z.enum(["paper", "withFlows"]).default("paper").describe(
    "Input of the network: as in the paper, or also the flow between the frames.",
  ),
});

const CHANNELS = { paper: 16, withFlows: 20 } as const;

/** Repeats `x` [1 or T, H, W, C] for each time. */
function repeatForTimes(x: tf.Tensor4D, count: number): tf.Tensor4D {
  return x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
}

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
  const { flowScale, flowActivation, interpolationInput } = complete;

  /** Returns ΔF(t→0), ΔF(t→1) in pixels and V(t←0). */
  function refinement(parameters: Parameters, images: tf.Tensor4D[], flows: tf.Tensor4D[]): tf.Tensor4D[] {
    return tf.tidy(() => {
      const raw = unet(
        parameters,
        tf.concat([...images, ...flows.map((flow) => tf.div<tf.Tensor4D>(flow, flowScale))], 3),
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

  const parameters = unetParameters({ ...complete, inputs: CHANNELS[interpolationInput], outputs: 5 });
  return {
    flow: "both",
    multiple: 1,
    parameters,
    adapt: (tensors) => narrowUNet(tensors, parameters),
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
  architecture: [...unetArchitecture, "interpolationInput"],
  training: { presets: unetPresets },
  importers: [pytorchTwin.interpolator, pytorchPort.interpolator],
  memory: unetMemory,
  alignment: MULTIPLE,
  create: superSlomoInterpolator,
});
