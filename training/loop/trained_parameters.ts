import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensor } from "@slomo/core";
import type { CreateOptimizer, NamedTensors, Variables } from "@slomo/engine";
import { type Checkpoint, createTensors, fetchTensors } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import { createEma } from "./ema.ts";
import { createAdam } from "./optimizer.ts";
import { joinTensors, splitVector, type VectorLayout, vectorLayout } from "./vector.ts";

/** The parameters of a run, with the optimizer that moves them and their EMA. */
export interface TrainedParameters {
  /** The parameters by prefix and name. */
  readonly variables: Variables;
  /** Order of the parameters in vectors. */
  readonly layout: VectorLayout;
  /** Moves the parameters against a vector of gradients, which is not disposed, and updates the EMA. */
  step(gradient: tf.Tensor1D, rate: number): void;
  /** Returns the EMA by the names of the parameters; the caller disposes it. */
  ema(): NamedTensors;
  /** Reads the EMA from the backend. */
  fetchEma(): Promise<ReadonlyMap<string, NamedTensor>>;
  /** Reads everything that a checkpoint needs. */
  fetch(): Promise<
    Pick<Checkpoint, "parameters" | "ema" | "means" | "squares"> & { readonly optimizerSteps: number }
  >;
  /** Disposes all tensors. */
  dispose(): void;
}

/** Name of the optimizer's only variable: the vector of all parameters. */
const ALL = "parameters";

/**
 * Trains `variables`, which it disposes at the end. Optimizer and EMA work on one vector of all parameters: ops on a hundred
 * small tensors would take twice as long.
 *
 * @param step Steps done before.
 */
export function trainParameters(
  variables: Variables,
  { optimizer: options, ema: decay }: Pick<TrainConfig, "optimizer" | "ema">,
  { checkpoint, step = 0, createOptimizer = createAdam }: {
    readonly checkpoint?: Checkpoint | undefined;
    readonly step?: number | undefined;
    readonly createOptimizer?: CreateOptimizer | undefined;
  },
): TrainedParameters {
  const layout = vectorLayout(variables);
  const vector = tf.tidy(() => tf.variable(joinTensors(layout, variables), false));
  const saved = (group: "means" | "squares" | "ema"): tf.Tensor | undefined =>
    checkpoint && tf.tidy(() => joinTensors(layout, createTensors(checkpoint[group])));
  const means = saved("means"), squares = saved("squares"), start = saved("ema");
  const state = checkpoint && means && squares &&
    { steps: checkpoint.facts.optimizerSteps, means: { [ALL]: means }, squares: { [ALL]: squares } };
  const optimizer = createOptimizer({ [ALL]: vector }, options, state);
  const ema = createEma(vector, decay, start ?? vector, step);
  tf.dispose([means, squares, start].filter((tensor) => tensor !== undefined));

  async function fetchVector(values: tf.Tensor): Promise<ReadonlyMap<string, NamedTensor>> {
    const tensors = splitVector(layout, values);
    try {
      return await fetchTensors(tensors);
    } finally {
      tf.dispose(tensors);
    }
  }

  return {
    variables,
    layout,
    step(gradient, rate) {
      optimizer.apply({ [ALL]: gradient }, rate);
      ema.update();
      const moved = splitVector(layout, vector);
      for (const [name, tensor] of Object.entries(moved)) variables[name]!.assign(tensor);
      tf.dispose(moved);
    },
    ema: () => splitVector(layout, ema.tensor),
    fetchEma: () => fetchVector(ema.tensor),
    async fetch() {
      const { steps, means, squares } = optimizer.state();
      return {
        optimizerSteps: steps,
        parameters: await fetchTensors(variables),
        ema: await fetchVector(ema.tensor),
        means: await fetchVector(means[ALL]!),
        squares: await fetchVector(squares[ALL]!),
      };
    },
    dispose() {
      optimizer.dispose();
      ema.dispose();
      tf.dispose([variables, vector]);
    },
  };
}
