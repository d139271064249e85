import type * as tf from "@tensorflow/tfjs-core";

/** Trained variables by name. */
export type Variables = Readonly<Record<string, tf.Variable>>;

/** Tensors by name. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** Constants of Adam with decoupled weight decay (AdamW). */
export interface AdamOptions {
  /** Decay rate of the mean of gradients, in [0, 1). */
  readonly beta1: number;
  /** Decay rate of the mean of squared gradients, in [0, 1). */
  readonly beta2: number;
  /** Summand of the denominator, above 0. */
  readonly epsilon: number;
  /** Weight decay: the factor of the parameters, times the learning rate, that each step subtracts. 0 is plain Adam. */
  readonly decay: number;
}

/** State of Adam. */
export interface AdamState {
  /** Number of steps so far. */
  readonly steps: number;
  /** Means of gradients. */
  readonly means: NamedTensors;
  /** Means of squared gradients. */
  readonly squares: NamedTensors;
}

/** Updates variables by their gradients. */
export interface Optimizer {
  /** Makes one step with a learning rate; `gradients` has the names of the variables and is not disposed. */
  apply(gradients: NamedTensors, rate: number): void;
  /** Returns the state for a checkpoint. The optimizer owns the tensors; read them before the next step. */
  state(): AdamState;
  /** Frees the state. */
  dispose(): void;
}

/**
 * Creates an optimizer for variables; `state` is copied. `createAdam` of `@slomo/training` runs on every backend; a backend
 * may provide a faster one that computes the same.
 */
export type CreateOptimizer = (variables: Variables, options: AdamOptions, state?: AdamState) => Optimizer;
