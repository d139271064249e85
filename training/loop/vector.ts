import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensors } from "@slomo/engine";

/** The order of tensors in one vector. A step then takes one op for all parameters instead of one for each. */
export interface VectorLayout {
  /** Names, shapes and numbers of values of the tensors, in order. */
  readonly entries: readonly { readonly name: string; readonly shape: readonly number[]; readonly size: number }[];
  /** Zeros at the end, up to a multiple of {@linkcode ROW}. */
  readonly padding: number;
}

/** Values per row where a vector is summed: sums of millions of float32 values one after another would lose precision. */
export const ROW = 1024;

/** Returns the layout of the vector of `tensors`. */
export function vectorLayout(tensors: NamedTensors): VectorLayout {
  const entries = Object.entries(tensors).map(([name, { shape, size }]) => ({ name, shape: [...shape], size }));
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  return { entries, padding: (ROW - total % ROW) % ROW };
}

/** Joins tensors to a vector; the caller disposes it. */
export function joinTensors({ entries, padding }: VectorLayout, tensors: NamedTensors): tf.Tensor1D {
  return tf.tidy(() =>
    tf.concat([...entries.map(({ name, size }) => tf.reshape(tensors[name]!, [size])), tf.zeros([padding])])
  ) as tf.Tensor1D;
}

/** Returns the tensors of a vector by name; the caller disposes them. */
export function splitVector({ entries }: VectorLayout, vector: tf.Tensor): Record<string, tf.Tensor> {
  let start = 0;
  return Object.fromEntries(entries.map(({ name, shape, size }) => {
    const part = tf.tidy(() => tf.reshape(tf.slice(vector, [start], [size]), [...shape]));
    start += size;
    return [name, part];
  }));
}
