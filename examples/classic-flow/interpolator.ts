import {
  definePart,
  type Interpolator,
  type PartContext,
  type PartDefinition,
  UsageError,
  type Warp,
} from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Options of {@linkcode consistency}. */
export interface ConsistencyOptions {
  /** Disagreement of forward and backward flow, in pixels, from which a pixel counts as occluded, above 0. @default {1} */
  readonly tolerance?: number | undefined;
  /** Accepted difference of the frames along the flow, for values in [0, 1], above 0. @default {0.1} */
  readonly contrast?: number | undefined;
}

const schema: z.ZodType<{ readonly tolerance: number; readonly contrast: number }> = z.strictObject({
  tolerance: z.number().positive().default(1),
  contrast: z.number().positive().default(0.1),
});

/** Number of iterations to find the position whose motion arrives at a pixel. */
const ROUNDS = 3;

/** Weight of a pixel that is occluded in the other frame. */
const LEAST = 1e-3;

/** One frame and its flow to the other frame, sampled at the pixels of the frame at t. */
interface View {
  /** Flow from the frame at t to this frame [T, H, W, 2]. */
  readonly own: tf.Tensor4D;
  /** Flow from the frame at t to the other frame. */
  readonly other: tf.Tensor4D;
  /** This frame and the other frame, warped along these flows [T, H, W, 3]. */
  readonly colors: readonly [own: tf.Tensor4D, other: tf.Tensor4D];
  /** Consistency of this frame's pixel with the other frame, in [0, 1] [T, H, W, 1]. */
  readonly trust: tf.Tensor4D;
  /** Weight of the frame, lower at pixels where none of its pixels arrives, above 0 [T, H, W, 1]. */
  readonly say: tf.Tensor4D;
}

/** Returns the sum of squares over channels [N, H, W, 1]. */
const length2 = (x: tf.Tensor4D) => tf.sum<tf.Tensor4D>(tf.square(x), 3, true);

/**
 * Samples a frame at the positions whose motion arrives at each pixel of the frame at share `way` of the flow.
 *
 * @param way Share of `flow` from `frame` to the frame at t [T, 1, 1, 1].
 */
function view(
  { warp }: Warp,
  frame: tf.Tensor4D,
  another: tf.Tensor4D,
  flow: tf.Tensor4D,
  back: tf.Tensor4D,
  way: tf.Tensor4D,
  { tolerance, contrast }: { readonly tolerance: number; readonly contrast: number },
): View {
  const disagreement = length2(tf.add(flow, warp(back, flow)));
  const known = tf.concat([flow, tf.exp<tf.Tensor4D>(tf.neg(tf.div(disagreement, tolerance ** 2)))], 3);
  let motion = tf.add<tf.Tensor4D>(flow, tf.mul(0, way));
  for (let i = 0; i < ROUNDS; i++) motion = warp(flow, tf.neg(tf.mul(motion, way)));
  const own = tf.neg<tf.Tensor4D>(tf.mul(motion, way)), other = tf.mul<tf.Tensor4D>(motion, tf.sub(1, way));
  const [there, agreement] = tf.split<tf.Tensor4D>(warp(known, own), [2, 1], 3) as [tf.Tensor4D, tf.Tensor4D];
  const colors = [warp(frame, own), warp(another, other)] as const;
  const mismatch = length2(tf.sub(...colors));
  const trust = tf.mul<tf.Tensor4D>(agreement, tf.exp(tf.neg(tf.div(mismatch, contrast ** 2))));
  const arrival = tf.exp(tf.neg(tf.div(length2(tf.sub(there, motion)), tolerance ** 2)));
  const say = tf.add<tf.Tensor4D>(tf.mul(arrival, tf.add(trust, LEAST)), LEAST ** 2);
  return { own, other, colors, trust, say };
}

/** Repeats `x` [1 or T, H, W, C] for each time. */
function onceATime(x: tf.Tensor4D, count: number): tf.Tensor4D {
  return x.shape[0] === count ? x : tf.tile(x, [count, 1, 1, 1]);
}

/**
 * Interpolates without weights: each frame of the pair is warped along its own flow, together with the other one where
 * forward and backward flow agree, and both are blended by their consistency. A pixel that is occluded in one frame
 * comes from the other. Frames may have any size.
 *
 * @throws {ZodError} If an option is out of its range.
 */
export function consistency(options: ConsistencyOptions, { warp }: PartContext): Interpolator {
  const limits = schema.parse(options);
  return {
    flow: "both",
    multiple: 1,
    parameters: [],
    interpolate(_, { first, second, flow, times }) {
      if (flow?.backward === undefined) {
        throw new UsageError("consistency: it needs flow in both directions; name a flowEstimator in the manifest");
      }
      const { forward, backward } = flow, count = times.shape[0];
      const [frames, flowToFirst, flowToSecond, visibility] = tf.tidy(() => {
        const t = tf.reshape<tf.Rank.R4>(times, [count, 1, 1, 1]), rest = tf.sub<tf.Tensor4D>(1, t);
        const [a, b, there, back] = [first, second, forward, backward].map((x) => onceATime(x, count)) as [
          tf.Tensor4D,
          tf.Tensor4D,
          tf.Tensor4D,
          tf.Tensor4D,
        ];
        const early = view(warp, a, b, there, back, t, limits), late = view(warp, b, a, back, there, rest, limits);
        // A frame counts with its own pixels, and with those of the other frame where both flows agree.
        const ofEarly = early.say, ofLate = late.say;
        const weights = [
          tf.mul<tf.Tensor4D>(rest, ofEarly),
          tf.mul<tf.Tensor4D>(tf.mul(t, ofEarly), early.trust),
          tf.mul<tf.Tensor4D>(t, ofLate),
          tf.mul<tf.Tensor4D>(tf.mul(rest, ofLate), late.trust),
        ] as const;
        const sum = tf.addN([...weights]) as tf.Tensor4D;
        const colors = [...early.colors, ...late.colors];
        const frame = tf.div<tf.Tensor4D>(tf.addN(colors.map((x, i) => tf.mul(x, weights[i]!))), sum);
        const share = tf.div<tf.Tensor4D>(ofEarly, tf.add(ofEarly, ofLate));
        const mix = (x: tf.Tensor4D, y: tf.Tensor4D) => tf.add<tf.Tensor4D>(y, tf.mul(tf.sub(x, y), share));
        const seen = tf.div<tf.Tensor4D>(tf.add(weights[0], weights[3]), sum);
        return [frame, mix(early.own, late.other), mix(early.other, late.own), tf.clipByValue(seen, 0, 1)];
      });
      return { frames: frames!, flowToFirst, flowToSecond, visibility };
    },
  };
}

/** {@linkcode consistency} for a manifest. */
export const consistencyPart: PartDefinition = definePart({
  slot: "interpolator",
  name: "consistency",
  description: "Interpolates without weights; blends frames by the consistency of forward and backward flow.",
  options: schema,
  create: consistency,
});
