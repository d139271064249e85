import type { Parameters, ParameterSpec, Warp } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { chooseBackend } from "@slomo/engine";

/** Runs `test` on the backend `wasm`, which is several times faster than `cpu`; fails if it leaks tensors. */
export async function onWasm(test: () => void): Promise<void> {
  await chooseBackend("wasm", "train");
  const before = tf.memory().numTensors;
  tf.tidy(test);
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`the test leaked ${left} tensors`);
}

/** Returns the number of tensors that `run` leaves. */
export function tensorsMadeBy(run: () => void): number {
  tf.engine().startScope();
  const before = tf.memory().numTensors;
  run();
  const made = tf.memory().numTensors - before;
  tf.engine().endScope();
  return made;
}

/** Returns pseudorandom numbers in [0, 1), the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Returns a tensor with pseudorandom values in [low, high), the same in every run. */
export function randomTensor(shape: [number, number, number, number], seed: number, low = 0, high = 1): tf.Tensor4D {
  const next = randomNumbers(seed), size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor4d(Float32Array.from({ length: size }, () => low + (high - low) * next()), shape);
}

/** Returns parameters so large that the outputs depend on every layer, scaled for leaky ReLUs. */
export function randomParameters(specs: readonly ParameterSpec[], seed: number): Record<string, tf.Tensor> {
  const next = randomNumbers(seed);
  return Object.fromEntries(specs.map(({ name, shape }) => {
    const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
    const spread = shape.length === 1 ? 0.1 : Math.sqrt(6 / inputs);
    const size = shape.reduce((product, length) => product * length, 1);
    return [name, tf.tensor(Float32Array.from({ length: size }, () => spread * (2 * next() - 1)), [...shape])];
  }));
}

/** Returns parameters that are all zero, for a network that returns zero flow. */
export function zeroParameters(specs: readonly ParameterSpec[]): Parameters {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, tf.zeros([...shape])]));
}

/** Returns the bilinear weights [T, H·W, length] of all pixels along one axis for positions [T, H, W]. */
function axisWeights(positions: tf.Tensor, length: number): tf.Tensor {
  const [t, h, w] = positions.shape as [number, number, number];
  const inside = tf.reshape(tf.clipByValue(positions, 0, length - 1), [t, h * w, 1]);
  return tf.relu(tf.sub(1, tf.abs(tf.sub(inside, tf.range(0, length)))));
}

/** Computes a backward warp with ordinary ops, for tiny images: each output pixel is a weighted sum of all input pixels. */
export const plainWarp: Warp = {
  warp: (image, flow) =>
    tf.tidy(() => {
      const [n, h, w, c] = image.shape, [t] = flow.shape;
      const [dx, dy] = tf.unstack(flow, 3) as [tf.Tensor, tf.Tensor];
      const rows = axisWeights(tf.add(dy, tf.reshape(tf.range(0, h), [1, h, 1])), h);
      const columns = axisWeights(tf.add(dx, tf.reshape(tf.range(0, w), [1, 1, w])), w);
      const weights = tf.mul(tf.expandDims(rows, 3), tf.expandDims(columns, 2));
      const pixels = n === t ? image : tf.tile(image, [t, 1, 1, 1]);
      const sum = tf.matMul(tf.reshape(weights, [t, h * w, h * w]), tf.reshape(pixels, [t, h * w, c]));
      return tf.reshape(sum, [t, h, w, c]) as tf.Tensor4D;
    }),
};

/** Returns the values of a tensor. */
export function numbers(x: tf.Tensor): number[] {
  return [...x.dataSync()];
}

/** Returns the largest difference between two tensors, or a tensor and numbers. */
export function distance(a: tf.Tensor, b: tf.Tensor | ArrayLike<number>): number {
  const other = b instanceof tf.Tensor ? b.dataSync() : b, own = Float32Array.from(a.dataSync());
  if (other.length !== own.length) return Infinity;
  return own.reduce((largest, value, i) => Math.max(largest, Math.abs(value - other[i]!)), 0);
}

/**
 * Returns the relative difference between the gradient of `loss` and finite differences along a direction in which all
 * inputs change with the sign of their gradient, so that the slope is large if the gradient is correct.
 */
export function slopeError(
  loss: (inputs: tf.Tensor[]) => tf.Scalar,
  inputs: readonly tf.Tensor[],
  step: number,
): number {
  const next = randomNumbers(7);
  const gradients = tf.grads((...moved: tf.Tensor[]) => loss(moved))([...inputs]);
  let along = 0;
  const directions = gradients.map((gradient) => {
    const values = gradient.dataSync();
    const direction = Float32Array.from(values, (value) => (value < 0 ? -1 : 1) * (0.5 + next() / 2));
    along += direction.reduce((sum, value, i) => sum + value * values[i]!, 0);
    return tf.tensor(direction, gradient.shape);
  });
  const at = (distance: number) =>
    loss(inputs.map((x, i) => tf.add(x, tf.mul(directions[i]!, distance)))).dataSync()[0]!;
  const slope = (at(step) - at(-step)) / (2 * step);
  return Math.abs(slope - along) / Math.abs(slope);
}
