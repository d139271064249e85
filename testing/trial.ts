import type { NamedTensor, Parameters, ParameterSpec } from "@slomo/core";
import { chooseBackend } from "@slomo/engine";
import * as tf from "@tensorflow/tfjs-core";

/** Tensors by name. */
export type Named = Readonly<Record<string, tf.Tensor>>;

/** Values of tensors by name. */
export type Numbers = Readonly<Record<string, NamedTensor>>;

/** Shape of a batch of frames. */
export interface Shape {
  /** Number of members. */
  readonly batch: number;
  /** Height in pixels, a multiple of {@linkcode Trial.multiple}. */
  readonly height: number;
  /** Width in pixels, a multiple of {@linkcode Trial.multiple}. */
  readonly width: number;
}

/** Adapts a part to named tensors as input and output. */
export interface Trial {
  /** Slot and name, for messages. */
  readonly name: string;
  /** Parameters of the part. */
  readonly specs: readonly ParameterSpec[];
  /** Height and width must be multiples of this. */
  readonly multiple: number;
  /** Returns pseudo-random inputs, which depend only on the shape and the seed. */
  inputs(shape: Shape, seed: number): Numbers;
  /** Calls the part, and returns its result unchanged. */
  call(parameters: Parameters, inputs: Named): unknown;
  /**
   * Does the same with features that the part has computed beforehand, and disposes these; absent if it prepares nothing.
   *
   * @throws {Error} If the features violate the contract.
   */
  readonly callPrepared?: ((parameters: Parameters, inputs: Named) => unknown) | undefined;
  /** Returns the tensors in a result of {@linkcode call} by name. */
  outputs(result: unknown): Named;
  /**
   * Checks shapes and values.
   *
   * @throws {Error} If they violate the contract.
   */
  verify(outputs: Numbers, shape: Shape): void;
  /** Inputs with respect to which the part must be differentiable, in addition to its parameters. */
  readonly moving: readonly string[];
  /** Whether the output for a batch is the mean over its members rather than their concatenation. */
  readonly isMean: boolean;
  /** Inputs that may have one member, which all members of the other inputs then share. */
  readonly shareable: readonly string[];
  /** Prefix of the parameters' names in a weights file. */
  readonly prefix: string;
}

/** Returns a generator of pseudo-random numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Returns the number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Returns pseudo-random values in [low, high), which depend only on the shape and the seed. */
export function noise(shape: readonly number[], seed: number, low = 0, high = 1): NamedTensor {
  const next = generator(seed);
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()) };
}

/** Returns random parameters, scaled so that the magnitude of activations stays the same from layer to layer. */
export function parameterValues(specs: readonly ParameterSpec[], seed: number): Map<string, NamedTensor> {
  return new Map(specs.map(({ name, shape }, i) => {
    const spread = shape.length < 2 ? 0.1 : Math.sqrt(6 / sizeOf(shape.slice(0, -1)));
    return [name, noise(shape, seed + i, -spread, spread)];
  }));
}

/** Creates a tensor; the caller disposes it. */
export function makeTensor({ shape, values }: NamedTensor): tf.Tensor {
  return tf.tensor(values, [...shape], "float32");
}

/** Creates tensors by name; the caller disposes them. */
export function createTensors(named: ReadonlyMap<string, NamedTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries([...named].map(([name, numbers]) => [name, makeTensor(numbers)]));
}

/** Reads the values of a tensor. */
export async function numbersOf(tensor: tf.Tensor): Promise<NamedTensor> {
  return { shape: tensor.shape, values: Float32Array.from(await tensor.data()) };
}

/** Returns one member of a batch. */
export function memberOf({ shape, values }: NamedTensor, index: number): NamedTensor {
  const size = sizeOf(shape.slice(1));
  return { shape: [1, ...shape.slice(1)], values: values.slice(index * size, (index + 1) * size) };
}

/** Returns the largest difference of two tensors, divided by the larger of 1 and the largest magnitude in `expected`; `Infinity` if shapes differ. */
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

/** Runs `test` on a backend, and disposes the tensors that it leaves. */
export async function onBackend(name: string, test: () => Promise<void>): Promise<void> {
  const { backend } = await chooseBackend(name, "train");
  tf.engine().startScope();
  try {
    await test();
  } finally {
    tf.engine().endScope();
    await backend.close();
  }
}

/** Tensors of numbers; the caller disposes. */
export function tensorsOf(numbers: Numbers): Record<string, tf.Tensor> {
  return createTensors(new Map(Object.entries(numbers)));
}

/** Reads the values of named tensors. */
export async function readAll(tensors: Named): Promise<Record<string, NamedTensor>> {
  const read = Object.entries(tensors).map(async ([name, tensor]) => [name, await numbersOf(tensor)] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** Inputs and parameters of a run. */
export interface RunOptions {
  /** Values of the inputs. @default {those of seed 1} */
  readonly inputs?: Numbers | undefined;
  /** Values of the parameters. @default {those of seed 1} */
  readonly parameters?: ReadonlyMap<string, NamedTensor> | undefined;
}

/** Runs a trial once, and returns the values of its outputs. */
export async function runTrial(trial: Trial, shape: Shape, options: RunOptions = {}): Promise<Numbers> {
  const parameters = createTensors(options.parameters ?? parameterValues(trial.specs, 1));
  const inputs = tensorsOf(options.inputs ?? trial.inputs(shape, 1));
  const outputs = trial.outputs(trial.call(parameters, inputs)), numbers = await readAll(outputs);
  tf.dispose([parameters, inputs, { ...outputs }]);
  return numbers;
}
