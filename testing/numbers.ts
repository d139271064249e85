import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensor, ParameterSpec } from "@slomo/core";

/** Numbers in [0, 1), the same at every run. */
function generator(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Numbers in [low, high) that look random, the same at every run. */
export function noise(shape: readonly number[], seed: number, low = 0, high = 1): NamedTensor {
  const next = generator(seed);
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()) };
}

/** Parameters of which every one counts, and none makes the outputs grow from layer to layer. */
export function parameterValues(specs: readonly ParameterSpec[], seed: number): Map<string, NamedTensor> {
  return new Map(specs.map(({ name, shape }, i) => {
    const spread = shape.length < 2 ? 0.1 : Math.sqrt(6 / sizeOf(shape.slice(0, -1)));
    return [name, noise(shape, seed + i, -spread, spread)];
  }));
}

/** A tensor of numbers; the caller disposes. */
export function makeTensor({ shape, values }: NamedTensor): tf.Tensor {
  return tf.tensor(values, [...shape], "float32");
}

/** Tensors of numbers by name; the caller disposes. */
export function createTensors(named: ReadonlyMap<string, NamedTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries([...named].map(([name, numbers]) => [name, makeTensor(numbers)]));
}

/** The numbers of a tensor. */
export async function numbersOf(tensor: tf.Tensor): Promise<NamedTensor> {
  return { shape: tensor.shape, values: Float32Array.from(await tensor.data()) };
}

/** One member of a batch. */
export function memberOf({ shape, values }: NamedTensor, index: number): NamedTensor {
  const size = sizeOf(shape.slice(1));
  return { shape: [1, ...shape.slice(1)], values: values.slice(index * size, (index + 1) * size) };
}

/** Largest difference of two lists of numbers over the range of the second, which is 1 at least; `Infinity` where shapes differ. */
export function distance(found: NamedTensor, expected: NamedTensor): number {
  if (found.shape.join() !== expected.shape.join()) return Infinity;
  const range = expected.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  let largest = 0;
  found.values.forEach((value, i) => {
    const far = Math.abs(value - expected.values[i]!);
    largest = Math.max(largest, Number.isNaN(far) ? Infinity : far);
  });
  return largest / range;
}
