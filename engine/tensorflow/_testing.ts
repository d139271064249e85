/** Helpers of tests on TensorFlow. */
import * as tf from "@tensorflow/tfjs-core";
import { reasonOf } from "@slomo/core";
import { locateLibrary } from "./locate.ts";

interface Library {
  /** Path of the library; empty if there is none. */
  readonly path: string;
  /** Reason why there is none. */
  readonly missing: string | undefined;
}

function find(): Library {
  try {
    return { path: locateLibrary((name) => Deno.env.get(name)).library, missing: undefined };
  } catch (error) {
    return { path: "", missing: reasonOf(error) };
  }
}

/** The library for tests. */
export const LIBRARY: Library = find();

/** Whether CI requires these tests, so that a missing library is a failure. */
const REQUIRED = (Deno.env.get("SLOMO_REQUIRE_BACKENDS") ?? "").split(",").includes("tensorflow");

/** Registers a test that needs libtensorflow. Without it the test is ignored, with the reason in its name. */
export function testOnTensorflow(name: string, test: (t: Deno.TestContext) => Promise<void> | void): void {
  const ignore = LIBRARY.missing !== undefined && !REQUIRED;
  // The library stays loaded, and tfjs keeps registered kernels.
  const sanitizers = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: ignore ? `${name}: ignored, ${LIBRARY.missing}` : name, ignore, ...sanitizers, fn: test });
}

/** An op on tensors of given shapes. */
export interface OpCase {
  /** Name of the case. */
  readonly name: string;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** The op. */
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** Range of the inputs' values. @default {[-1, 1]} */
  readonly range?: readonly [number, number];
  /** Whether it has a gradient. @default {true} */
  readonly gradient?: boolean;
  /** Whether its slope is discontinuous, so that finite differences are inaccurate. @default {false} */
  readonly kinks?: boolean;
  /** Whether tfjs's `cpu` backend computes the gradient correctly. @default {true} */
  readonly cpuGradient?: boolean;
}

/** Returns pseudorandom values in a range, the same each time. */
export function noise(
  shape: readonly number[],
  seed: number,
  [low, high]: readonly [number, number] = [-1, 1],
): tf.Tensor {
  let state = (seed + 1) * 2654435761 >>> 0;
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return low + (high - low) * ((state >>> 0) / 2 ** 32);
  });
  return tf.tensor(values, [...shape]);
}

/** Result of an op on the current backend. */
export interface OpResult {
  /** Shape and values of the result. */
  readonly value: readonly [readonly number[], Float32Array];
  /** Values of the gradient of each input; empty if the op has none. */
  readonly gradients: readonly Float32Array[];
  /** Slope of the result along a fixed direction of the inputs, by finite differences. */
  readonly slope: number;
  /** The same slope by the gradients. */
  readonly gradientSlope: number;
}

const STEP = 1e-3;

/** Runs a case on the current backend and frees its tensors. */
export function runCase(opCase: OpCase): OpResult {
  tf.engine().startScope();
  try {
    return compute(opCase);
  } finally {
    tf.engine().endScope();
  }
}

function compute({ shapes, run, range = [-1, 1], gradient = true }: OpCase): OpResult {
  const inputs = shapes.map((shape, i) => noise(shape, 17 + i, range));
  const result = run(...inputs), value = [result.shape, result.dataSync<"float32">()] as const;
  if (!gradient) return { value, gradients: [], slope: 0, gradientSlope: 0 };
  const dy = noise(result.shape, 99), directions = shapes.map((shape, i) => noise(shape, 51 + i));
  const gradients = tf.grads(run)(inputs, dy);
  const along = (step: number) => {
    const moved = inputs.map((input, i) => tf.add(input, tf.mul(directions[i]!, step)));
    return tf.sum(tf.mul(run(...moved), dy)).dataSync()[0]!;
  };
  const parts = gradients.map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!)).dataSync()[0]!);
  return {
    value,
    gradients: gradients.map((gradient) => gradient.dataSync<"float32">()),
    slope: (along(STEP) - along(-STEP)) / (2 * STEP),
    gradientSlope: parts.reduce((a, b) => a + b),
  };
}

/** Returns the largest difference of two lists, relative to the largest value of the second. */
export function difference(a: Float32Array, b: Float32Array): number {
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}
