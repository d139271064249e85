import * as tf from "@tensorflow/tfjs-core";
import type { FlowPair } from "@slomo/core";
import type { Batch } from "../data/batch.ts";

/** The part of a batch that the networks process at once: N pairs with one time each, or one pair with several times. */
export interface MicroBatch {
  /** First frames [N, S, S, 3]. */
  readonly first: tf.Tensor4D;
  /** Second frames. */
  readonly second: tf.Tensor4D;
  /** Ground-truth frames [T, S, S, 3]. */
  readonly groundTruth: tf.Tensor4D;
  /** Times of the ground-truth frames [T]. */
  readonly times: tf.Tensor1D;
  /** Known flow [N, S, S, 2]. */
  readonly knownFlow?: FlowPair | undefined;
}

/** Returns the number of micro-batches of a batch. */
export function countMicroBatches({ pairs, targets }: Batch): number {
  return targets === 1 ? 1 : pairs;
}

/** Creates one micro-batch; the caller disposes it. */
export function createMicroBatch(batch: Batch, index: number): MicroBatch {
  const { size, targets, flow } = batch, pairs = batch.pairs / countMicroBatches(batch);
  const part = (values: Float32Array, count: number, channels: number) => {
    const length = count * size * size * channels;
    return tf.tensor4d(values.subarray(index * length, (index + 1) * length), [count, size, size, channels]);
  };
  const frames = pairs * targets;
  return {
    first: part(batch.first, pairs, 3),
    second: part(batch.second, pairs, 3),
    groundTruth: part(batch.groundTruths, frames, 3),
    times: tf.tensor1d(batch.times.subarray(index * frames, (index + 1) * frames)),
    knownFlow: flow && { forward: part(flow.forward, pairs, 2), backward: part(flow.backward, pairs, 2) },
  };
}

/** Disposes a micro-batch. */
export function disposeMicroBatch({ first, second, groundTruth, times, knownFlow }: MicroBatch): void {
  tf.dispose([first, second, groundTruth, times, ...(knownFlow ? [knownFlow.forward, knownFlow.backward!] : [])]);
}
