import * as tf from "@tensorflow/tfjs-core";

/** Exponential moving average (EMA) of the parameters. It gives better results than the weights of the last step. */
export interface Ema {
  /** Updates the EMA from the parameters after one more step. */
  update(): void;
  /** The EMA, which belongs to this object. */
  readonly tensor: tf.Tensor;
  /** Disposes the tensor. */
  dispose(): void;
}

/**
 * Creates the EMA of a variable. Its decay rises to `decay` as (1 + step) / (10 + step), so that the influence of the
 * initial weights decreases fast.
 *
 * @param decay Decay in [0, 1).
 * @param start Initial values, which are copied: the variable itself at the beginning of a run.
 * @param steps Number of steps that `start` includes.
 */
export function createEma(variable: tf.Variable, decay: number, start: tf.Tensor, steps: number): Ema {
  const tensor = tf.tidy(() => tf.variable(tf.clone(start), false));
  let seen = steps;
  return {
    tensor,
    update() {
      const share = 1 - Math.min(decay, (1 + seen) / (10 + seen));
      seen++;
      tf.tidy(() => tensor.assign(tf.add(tensor, tf.mul(tf.sub(variable, tensor), share))));
    },
    dispose: () => tensor.dispose(),
  };
}
