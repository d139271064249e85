import * as tf from "@tensorflow/tfjs-core";
import type { Loss, LossInput } from "@slomo/core";
import type { FlowPair, Interpolated, Parameters } from "@slomo/core";
import type { Networks } from "@slomo/core/manifest";
import type { MicroBatch } from "./micro_batch.ts";

/** Parameters of both networks. */
export interface NetworkParameters {
  /** Parameters of the flow estimator. */
  readonly flow: Parameters;
  /** Parameters of the interpolator. */
  readonly interpolation: Parameters;
}

/** A loss with its weight and parameters. */
export interface ActiveLoss {
  /** Name of the part. */
  readonly name: string;
  /** Factor in the sum. */
  readonly weight: number;
  /** The loss. */
  readonly loss: Loss;
  /** Its fixed parameters. */
  readonly parameters: Parameters;
}

/** Output of the networks for a micro-batch. */
export interface Forward {
  /** Flow between the frames, if there is a flow estimator. */
  readonly flow: FlowPair | undefined;
  /** Output of the interpolator. */
  readonly output: Interpolated;
}

/** Runs the networks. Call it within `tf.tidy`, which disposes the intermediate tensors. */
export function runNetworks(
  { flowEstimator, interpolator }: Networks,
  parameters: NetworkParameters,
  { first, second, times }: Pick<MicroBatch, "first" | "second" | "times">,
): Forward {
  const flow = flowEstimator?.estimate(parameters.flow, first, second);
  return { flow, output: interpolator.interpolate(parameters.interpolation, { first, second, flow, times }) };
}

/** Returns a micro-batch scaled to a coarser pyramid level. */
function atScale(microBatch: MicroBatch, flow: FlowPair): LossInput {
  const scale = flow.forward.shape[1] / microBatch.first.shape[1], window = 1 / scale;
  const reduce = (x: tf.Tensor4D) => tf.avgPool(x, window, window, "valid");
  const reduceFlow = (x: tf.Tensor4D) => tf.mul(reduce(x), scale) as tf.Tensor4D;
  const groundTruth = reduce(microBatch.groundTruth), known = microBatch.knownFlow;
  return {
    first: reduce(microBatch.first),
    second: reduce(microBatch.second),
    times: microBatch.times,
    groundTruth,
    flow,
    output: { frames: groundTruth },
    knownFlow: known && { forward: reduceFlow(known.forward), backward: known.backward && reduceFlow(known.backward) },
    scale,
  };
}

/**
 * Returns the weighted value of each loss; coarser pyramid levels are weighted by `coarseLossWeight`. Call it within
 * `tf.tidy`.
 *
 * @returns Scalars in the order of `losses`.
 */
export function weighLosses(
  losses: readonly ActiveLoss[],
  microBatch: MicroBatch,
  { flow, output }: Forward,
  coarseLossWeight: number,
): tf.Scalar[] {
  const whole: LossInput = { ...microBatch, flow, output };
  const coarser = (flow?.coarser ?? []).map((scale) => atScale(microBatch, scale));
  return losses.map(({ loss, weight, parameters }) => {
    const value = tf.mul(loss.compute(parameters, whole), weight) as tf.Scalar;
    if (!loss.everyPyramidLevel) return value;
    const others = coarser.map((input) =>
      tf.mul(loss.compute(parameters, input), weight * coarseLossWeight) as tf.Scalar
    );
    return tf.addN([value, ...others]);
  });
}
