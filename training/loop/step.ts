import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../data/batch.ts";
import type { Networks } from "@slomo/core/manifest";
import { type ActiveLoss, type NetworkParameters, runNetworks, weighLosses } from "./forward.ts";
import type { GradientSum } from "./gradients.ts";
import type { Variables } from "@slomo/engine";
import { joinTensors, type VectorLayout } from "./vector.ts";
import { countMicroBatches, createMicroBatch, disposeMicroBatch, type MicroBatch } from "./micro_batch.ts";

/** Networks and losses of a step. */
export interface StepModel {
  /** Networks with the pyramid of this step. */
  readonly networks: Networks;
  /** The trained tensors by prefix and name. */
  readonly variables: Variables;
  /** Their order in vectors. */
  readonly layout: VectorLayout;
  /** The same by network. */
  readonly parameters: NetworkParameters;
  /** Losses. */
  readonly losses: readonly ActiveLoss[];
  /** Factor of the losses at the coarser pyramid levels. */
  readonly coarseLossWeight: number;
}

/** Losses and PSNR of a batch. */
export interface BatchFacts {
  /** Weighted losses by name, `total` among them. */
  readonly losses: Readonly<Record<string, number>>;
  /** Of the interpolated frames against the ground truth, in dB. */
  readonly psnr: number;
  /** Of blends of the outer frames, in dB. */
  readonly blend: number;
}

function meanSquare(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.mean(tf.squaredDifference(a, b));
}

function blend({ first, second, times }: MicroBatch): tf.Tensor4D {
  const t = tf.reshape(times, [times.shape[0], 1, 1, 1]);
  return tf.add(tf.mul(first, tf.sub(1, t)), tf.mul(second, t)) as tf.Tensor4D;
}

/** Returns the vector of gradients, and one tensor of values to read at once: each loss, then both mean squared errors. */
function computeMicroBatch(
  model: StepModel,
  microBatch: MicroBatch,
): { readonly gradient: tf.Tensor1D; readonly facts: tf.Tensor1D } {
  let facts: tf.Tensor1D | undefined;
  const compute = (): tf.Scalar => {
    const forward = runNetworks(model.networks, model.parameters, microBatch);
    const values = weighLosses(model.losses, microBatch, forward, model.coarseLossWeight);
    const errors = [
      meanSquare(forward.output.frames, microBatch.groundTruth),
      meanSquare(blend(microBatch), microBatch.groundTruth),
    ];
    facts = tf.keep(tf.stack([...values, ...errors]) as tf.Tensor1D);
    return tf.addN(values);
  };
  const { value, grads } = tf.variableGrads(compute, Object.values(model.variables));
  value.dispose();
  const gradientOf = (variable: tf.Variable) => grads[variable.name] ?? tf.zerosLike(variable);
  const gradient = tf.tidy(() => {
    const all = Object.entries(model.variables).map(([name, variable]) => [name, gradientOf(variable)] as const);
    return joinTensors(model.layout, Object.fromEntries(all));
  });
  tf.dispose(grads);
  return { gradient, facts: facts! };
}

const decibels = (square: number) => -10 * Math.log10(square + 1e-10);

/** Adds the gradients of a batch, weighted by `share`, to `sum`. Parameters without an influence have gradient 0. */
export async function addGradients(
  model: StepModel,
  batch: Batch,
  sum: GradientSum,
  share: number,
): Promise<BatchFacts> {
  const microBatches = countMicroBatches(batch), names = model.losses.map(({ name }) => name);
  const means = new Float64Array(names.length + 2);
  for (let i = 0; i < microBatches; i++) {
    const microBatch = createMicroBatch(batch, i), { gradient, facts } = computeMicroBatch(model, microBatch);
    sum.add(gradient, share / microBatches);
    (await facts.data()).forEach((value, k) => means[k]! += value / microBatches);
    facts.dispose();
    disposeMicroBatch(microBatch);
  }
  const [ofOutput, ofBlend] = means.slice(names.length) as unknown as [number, number];
  const losses = Object.fromEntries(names.map((name, k) => [name, means[k]!]));
  const total = means.slice(0, names.length).reduce((a, b) => a + b, 0);
  return { losses: { ...losses, total }, psnr: decibels(ofOutput), blend: decibels(ofBlend) };
}
