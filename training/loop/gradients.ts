import * as tf from "@tensorflow/tfjs-core";
import { ROW } from "./vector.ts";

/** Returns the global norm √Σ g² of a vector of gradients, whose length is a multiple of {@linkcode ROW}. */
export async function globalNorm(gradient: tf.Tensor1D): Promise<number> {
  const norm = tf.tidy(() => tf.sqrt(tf.sum(tf.sum(tf.reshape(tf.square(gradient), [-1, ROW]), 1))));
  const [value] = await norm.data();
  norm.dispose();
  return value!;
}

/** Scales gradients so that their global norm, given as `norm`, is at most `longest`; the caller disposes the result. */
export function clipGradient(gradient: tf.Tensor1D, norm: number, longest: number): tf.Tensor1D {
  const factor = Math.min(1, longest / Math.max(norm, 1e-12));
  return factor === 1 ? tf.clone(gradient) : tf.mul(gradient, factor);
}

/** Accumulates gradients over the batches of a step. */
export interface GradientSum {
  /** Adds `share` times a vector of gradients and disposes it. */
  add(gradient: tf.Tensor1D, share: number): void;
  /** Returns the sum, which the caller disposes, and resets it; `undefined` if nothing was added. */
  take(): tf.Tensor1D | undefined;
}

/** Creates an empty sum of gradients. */
export function createGradientSum(): GradientSum {
  let sum: tf.Tensor1D | undefined;
  return {
    add(gradient, share) {
      const before = sum;
      sum = tf.tidy(() => {
        const part: tf.Tensor1D = share === 1 ? tf.clone(gradient) : tf.mul(gradient, share);
        return before ? tf.add(before, part) : part;
      });
      tf.dispose([gradient, before].filter((tensor) => tensor !== undefined));
    },
    take() {
      const taken = sum;
      sum = undefined;
      return taken;
    },
  };
}
