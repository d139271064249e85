import { definePart, type FlowEstimator, type PartContext, type PartDefinition } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { doubled, half, smooth } from "./images.ts";
import { solve } from "./solve.ts";

/** Options of {@linkcode classicFlow}. */
export interface ClassicFlowOptions {
  /** Ratio of the size of the frames to that of the finest level: 1, 2 or 4. Higher is faster. @default {2} */
  readonly reduce?: 1 | 2 | 4 | undefined;
  /** Minimum shorter side of the coarsest level, in pixels, 4 or more. @default {16} */
  readonly coarsest?: number | undefined;
  /** Number of warps per level, 1 to 20. @default {4} */
  readonly warps?: number | undefined;
  /** Number of Jacobi iterations between two warps, 1 to 200. @default {20} */
  readonly iterations?: number | undefined;
  /** Weight of the smoothness term, above 0. @default {0.001} */
  readonly smoothness?: number | undefined;
}

const schema: z.ZodType<{ [K in keyof ClassicFlowOptions]-?: Exclude<ClassicFlowOptions[K], undefined> }> = z
  .strictObject({
    reduce: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(2),
    coarsest: z.int().min(4).default(16),
    warps: z.int().min(1).max(20).default(4),
    iterations: z.int().min(1).max(200).default(20),
    smoothness: z.number().positive().default(0.001),
  });

/**
 * Estimates flow without weights, coarse to fine: each level warps the second frame by the flow so far, and estimates the
 * residual by Lucas-Kanade's equations with Horn-Schunck's smoothness (Bruhn, Weickert and Schnörr, "Lucas/Kanade Meets
 * Horn/Schunck", 2005). It is robust against outliers, and smooths less across edges than along them. Both directions are
 * computed together, for frames of any size.
 *
 * @throws {ZodError} If an option is out of its range.
 */
export function classicFlow(options: ClassicFlowOptions, { warp }: PartContext): FlowEstimator {
  const { reduce, coarsest, ...solving } = schema.parse(options);
  return {
    multiple: 1,
    parameters: [],
    estimate(_, first, second) {
      const [n, height, width] = first.shape;
      const [forward, backward] = tf.tidy(() => {
        const both = smooth(tf.concat([first, second], 0)), levels = [both];
        for (
          let finest = levels[0]!;
          Math.min(finest.shape[1], finest.shape[2]) > coarsest || levels.length <= reduce / 2;
        ) {
          levels.push(finest = half(finest));
        }
        const skipped = Math.log2(reduce);
        let flow: tf.Tensor4D | undefined;
        for (const frames of levels.slice(skipped).reverse()) {
          const [, h, w] = frames.shape, earlier = tf.slice(frames, [0, 0, 0, 0], [n, h, w, 3]);
          const later = tf.slice(frames, [n, 0, 0, 0], [n, h, w, 3]);
          const begun = flow ? doubled(flow, h, w) : tf.zeros<tf.Rank.R4>([2 * n, h, w, 2]);
          flow = solve(frames, tf.concat([later, earlier], 0), begun, solving, warp);
        }
        for (const { shape: [, h, w] } of levels.slice(0, skipped).reverse()) flow = doubled(flow!, h, w);
        return tf.split<tf.Tensor4D>(tf.slice(flow!, [0, 0, 0, 0], [2 * n, height, width, 2]), 2, 0);
      });
      return { forward: forward!, backward };
    },
  };
}

/** {@linkcode classicFlow} for a manifest. */
export const classicFlowPart: PartDefinition = definePart({
  slot: "flowEstimator",
  name: "classic",
  description: "Dense flow without weights: Lucas-Kanade's equations with Horn-Schunck's smoothness, coarse to fine.",
  options: schema,
  create: classicFlow,
});
