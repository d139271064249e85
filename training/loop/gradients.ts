import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensors } from "@slomo/engine";

/** Returns the global norm √Σ g² over all gradients; the caller disposes it. */
export function globalNorm(gradients: NamedTensors): tf.Scalar {
  // Not addN: WebGPU binds all of its inputs at once, and has eight places.
  return tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient): tf.Tensor => tf.sum(tf.square(gradient)));
    return tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square))) as tf.Scalar;
  });
}

/** Scales gradients so that their global norm, given as `norm`, is at most `longest`; the caller disposes them. */
export function clipGradients(gradients: NamedTensors, norm: number, longest: number): Record<string, tf.Tensor> {
  const factor = Math.min(1, longest / Math.max(norm, 1e-12));
  const scaled = (gradient: tf.Tensor) => factor === 1 ? tf.clone(gradient) : tf.mul(gradient, factor);
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, scaled(gradient)]));
}

/** Accumulates gradients over the batches of a step. */
export interface GradientSum {
  /** Adds `share` times the gradients and disposes them. */
  add(gradients: NamedTensors, share: number): void;
  /** Returns the sum, which the caller disposes, and resets it. */
  take(): Record<string, tf.Tensor>;
}

/** Creates an empty sum of gradients. */
export function createGradientSum(): GradientSum {
  let sum: Record<string, tf.Tensor> = {};
  return {
    add(gradients, share) {
      for (const [name, gradient] of Object.entries(gradients)) {
        const before = sum[name];
        sum[name] = tf.tidy(() => {
          const part = share === 1 ? tf.clone(gradient) : tf.mul(gradient, share);
          return before ? tf.add(before, part) : part;
        });
        tf.dispose([gradient, before].filter((tensor) => tensor !== undefined));
      }
    },
    take() {
      const taken = sum;
      sum = {};
      return taken;
    },
  };
}
