import type * as tf from "@tensorflow/tfjs-core";

/** Trained tensors by name. */
export type Variables = Readonly<Record<string, tf.Variable>>;

/** Tensors by name. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** Constants of Adam, and of the weight decay that makes it AdamW. */
export interface AdamOptions {
  /** Memory of the mean of gradients, in [0, 1). */
  readonly beta1: number;
  /** Memory of the mean of their squares, in [0, 1). */
  readonly beta2: number;
  /** Keeps the division defined. */
  readonly epsilon: number;
  /** Share of the parameters, times the learning rate, that is taken off at each step; 0 is plain Adam. */
  readonly decay: number;
}

/** What Adam remembers. */
export interface AdamState {
  /** Steps made. */
  readonly steps: number;
  /** Means of gradients. */
  readonly means: NamedTensors;
  /** Means of their squares. */
  readonly squares: NamedTensors;
}

/** Changes variables by their gradients. */
export interface Optimizer {
  /** One step with a learning rate; `gradients` has the variables' names and is not disposed. */
  apply(gradients: NamedTensors, rate: number): void;
  /** What a checkpoint keeps; the tensors are the optimizer's own, to be read before the next step. */
  state(): AdamState;
  /** Frees what it remembers. */
  dispose(): void;
}

/**
 * Makes an optimizer for variables; `state` is copied. `createAdam` of `@slomo/training` runs on every backend; a
 * backend may have a faster one of its own that computes the same.
 */
export type CreateOptimizer = (variables: Variables, options: AdamOptions, state?: AdamState) => Optimizer;
