import * as tf from "@tensorflow/tfjs-core";

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
 * Makes an optimizer for variables; `state` is copied. The one in this module runs on every backend; a runtime may have a
 * faster one of its own that computes the same.
 */
export type CreateOptimizer = (variables: Variables, options: AdamOptions, state?: AdamState) => Optimizer;

/** Adam (Kingma and Ba, arXiv 1412.6980) with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101). */
export const createAdam: CreateOptimizer = (variables, { beta1, beta2, epsilon, decay }, state): Optimizer => {
  const remembered = (of: NamedTensors | undefined): Record<string, tf.Variable> =>
    Object.fromEntries(
      Object.entries(variables).map(([name, variable]) => {
        const start = of?.[name] ? tf.clone(of[name]) : tf.zerosLike(variable), kept = tf.variable(start, false);
        start.dispose();
        return [name, kept];
      }),
    );
  const means = remembered(state?.means), squares = remembered(state?.squares);
  let steps = state?.steps ?? 0;

  function applyOne(name: string, gradient: tf.Tensor, rate: number): void {
    const variable = variables[name]!, mean = means[name]!, square = squares[name]!;
    mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
    square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const root = tf.sqrt(tf.div(square, 1 - beta2 ** steps));
    const change = tf.mul(tf.div(mean, tf.add(root, epsilon)), rate / (1 - beta1 ** steps));
    variable.assign(tf.sub(decay > 0 ? tf.mul(variable, 1 - rate * decay) : variable, change));
  }

  return {
    apply(gradients, rate) {
      steps++;
      for (const [name, gradient] of Object.entries(gradients)) tf.tidy(() => applyOne(name, gradient, rate));
    },
    state: () => ({ steps, means, squares }),
    dispose: () => tf.dispose([means, squares]),
  };
};
