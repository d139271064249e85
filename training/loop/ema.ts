import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensors, Variables } from "@slomo/engine";

/** A moving average of trained tensors: smoother than the last step, and better. */
export interface Ema {
  /** Takes the variables of one more step into account. */
  update(): void;
  /** The average; the tensors are its own. */
  readonly tensors: NamedTensors;
  /** Frees it. */
  dispose(): void;
}

/**
 * The average of `variables`. Its memory is `memory` at last and shorter at first, (1 + step) / (10 + step), so that it
 * forgets where training began.
 *
 * @param start Where it stood, copied; the variables themselves at the beginning of a run.
 * @param steps Steps that it has seen.
 */
export function createEma(variables: Variables, memory: number, start: NamedTensors, steps: number): Ema {
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
      const share = 1 - Math.min(memory, (1 + seen) / (10 + seen));
      seen++;
      for (const [name, ema] of Object.entries(tensors)) {
        tf.tidy(() => ema.assign(tf.add(ema, tf.mul(tf.sub(variables[name]!, ema), share))));
      }
    },
    dispose: () => tf.dispose(tensors),
  };
}
