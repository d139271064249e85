import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensors, Variables } from "@slomo/engine";

/** Exponential moving average (EMA) of trained tensors. It gives better results than the weights of the last step. */
export interface Ema {
  /** Updates the EMA from the variables after one more step. */
  update(): void;
  /** The EMA. The tensors belong to this object. */
  readonly tensors: NamedTensors;
  /** Disposes the tensors. */
  dispose(): void;
}

/**
 * Creates the EMA of `variables`. Its decay rises to `decay` as (1 + step) / (10 + step), so that the influence of the
 * initial weights decreases fast.
 *
 * @param decay Decay in [0, 1).
 * @param start Initial values, which are copied: the variables themselves at the beginning of a run.
 * @param steps Number of steps that `start` includes.
 */
export function createEma(variables: Variables, decay: number, start: NamedTensors, steps: number): Ema {
  const tensors = Object.fromEntries(
    Object.keys(variables).map((name) => {
      const copy = tf.clone(start[name]!), kept = tf.variable(copy, false);
      copy.dispose();
      return [name, kept];
    }),
  );
  let seen = steps;
  return {
    tensors,
    update() {
      const share = 1 - Math.min(decay, (1 + seen) / (10 + seen));
      seen++;
      for (const [name, tensor] of Object.entries(tensors)) {
        tf.tidy(() => tensor.assign(tf.add(tensor, tf.mul(tf.sub(variables[name]!, tensor), share))));
      }
    },
    dispose: () => tf.dispose(tensors),
  };
}
