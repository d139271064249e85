import type { InterpolationInput, LossInput, Parameters, Warp } from "@slomo/core";
import { registerGradients } from "../../engine/gradients.ts";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";

/** Lengths of the four axes. */
export type Shape = [n: number, h: number, w: number, c: number];

/** Runs `test` on the backend `cpu` with gradients; fails if it leaks tensors. */
export async function onCpu(test: () => void): Promise<void> {
  await registerGradients();
  await tf.setBackend("cpu");
  const before = tf.memory().numTensors;
  tf.tidy(test);
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`the test leaked ${left} tensors`);
}

/** Returns pseudorandom numbers in [low, high), the same in every run. */
export function noise(shape: Shape, seed: number, low = 0, high = 1): tf.Tensor4D {
  const size = shape.reduce((product, length) => product * length);
  const values = Float32Array.from({ length: size }, (_, i) => {
    const s = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return low + (high - low) * (s - Math.floor(s));
  });
  return tf.tensor4d(values, shape);
}

/** Returns a pair of tiny frames, the ground truth at one time, and an interpolated frame; `change` replaces parts. */
export function input(change: Partial<LossInput> = {}, shape: Shape = [1, 2, 2, 3]): LossInput {
  const base: InterpolationInput = {
    first: tf.zeros(shape) as tf.Tensor4D,
    second: tf.zeros(shape) as tf.Tensor4D,
    times: tf.tensor1d([0.5]),
  };
  return {
    ...base,
    groundTruth: tf.zeros(shape) as tf.Tensor4D,
    output: { frames: tf.zeros(shape) as tf.Tensor4D },
    ...change,
  };
}

/** Returns the value of a scalar. */
export function value(scalar: tf.Scalar): number {
  return scalar.dataSync()[0]!;
}

/**
 * Returns the largest difference between the gradient of `loss` at `x` and central differences with `step`, over all
 * elements, relative to the steepest slope.
 */
export function gradientError(loss: (x: tf.Tensor4D) => tf.Scalar, x: tf.Tensor4D, step = 1e-2): number {
  const gradient = tf.grad((x: tf.Tensor) => loss(x as tf.Tensor4D))(x).dataSync();
  const values = x.dataSync();
  const slopes = Array.from(values, (_, i) => {
    const at = (distance: number) => {
      const moved = values.slice();
      moved[i]! += distance;
      return value(loss(tf.tensor4d(moved, x.shape)));
    };
    return (at(step) - at(-step)) / (2 * step);
  });
  const steepest = Math.max(...slopes.map(Math.abs));
  if (steepest === 0) throw new Error("the loss is constant here, so that its gradient cannot be tested");
  return Math.max(...slopes.map((slope, i) => Math.abs(slope - gradient[i]!))) / steepest;
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

/** No parameters. */
export const NONE: Parameters = {};
