/** Runs a model of the default parts on one pair. */
import type { FlowPair, InterpolationInput } from "../../core/contracts/tensors.ts";
import type { Warp } from "../../core/contracts/parts.ts";
import { loadParameters } from "../../weights/load.ts";
import { openWeights, type WeightsFile } from "../../weights/weights_file.ts";
import { backward } from "../../plugins/flow-backbones/backward_warp.ts";
import { type FlowEstimatorOptions, superSlomoFlow } from "../../plugins/flow-backbones/super-slomo/flow_estimator.ts";
import {
  type InterpolatorOptions,
  superSlomoInterpolator,
} from "../../plugins/flow-backbones/super-slomo/interpolator.ts";
import { ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";

const FILE = new URL("../../models/slomo-half.safetensors", import.meta.url);

/** The weights of the shipped model. */
export const shippedWeights = async (): Promise<WeightsFile> => openWeights(await Deno.readFile(FILE));

/** Flow and interpolated frames of a pair. */
export interface ModelResult {
  /** F(0→1), F(1→0) [1, H, W, 4] in pixels. */
  readonly flow: tf.Tensor4D;
  /** Frames at the times [T, H, W, 3]. */
  readonly frames: tf.Tensor4D;
}

/** Runs the model of `file` on `first` and `second` [1, H, W, 3], on the pyramid levels of its file or on others. */
export function runModel(
  file: WeightsFile,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  times: number[],
  flowLevels?: number[],
): ModelResult {
  const warp: Warp = backward();
  const { flowEstimator, interpolator } = file.facts;
  const levels = flowLevels ? { flowLevels } : {};
  const estimator = superSlomoFlow({ ...flowEstimator!.options as FlowEstimatorOptions, ...levels }, { warp });
  const filler = superSlomoInterpolator(interpolator!.options as InterpolatorOptions, { warp });
  const [flow, frames] = tf.tidy(() => {
    const pair: FlowPair = estimator.estimate(loadParameters(estimator.parameters, "flow", file), first, second);
    const input: InterpolationInput = { first, second, flow: pair, times: tf.tensor1d(times) };
    const { frames } = filler.interpolate(loadParameters(filler.parameters, "interpolation", file), input);
    return [tf.concat([pair.forward, pair.backward!], 3), frames] as [tf.Tensor4D, tf.Tensor4D];
  });
  return { flow, frames };
}

/** Maximum difference relative to the range, for images and flow. */
export const TOLERANCE = 1e-3;

/** Returns the maximum difference of two lists of numbers, divided by `range`. */
export function difference(found: ArrayLike<number>, expected: ArrayLike<number>, range: number): number {
  ok(found.length === expected.length && found.length > 0);
  let largest = 0;
  for (let i = 0; i < found.length; i++) largest = Math.max(largest, Math.abs(found[i]! - expected[i]!));
  return largest / range;
}

const magnitude = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Compares flow and frames with the expected ones, and disposes them. */
export async function agrees(
  { flow, frames }: ModelResult,
  expectedFlow: Float32Array,
  expectedFrames: Float32Array,
): Promise<void> {
  ok(difference(await flow.data(), expectedFlow, magnitude(expectedFlow)) < TOLERANCE, "flow");
  ok(difference(await frames.data(), expectedFrames, 1) < TOLERANCE, "frames");
  tf.dispose([flow, frames]);
}
