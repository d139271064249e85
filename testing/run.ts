import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensor } from "@slomo/core";
import { chooseBackend } from "@slomo/engine";
import { createTensors, numbersOf, parameterValues } from "./numbers.ts";
import type { Named, Numbers, Shape, Trial } from "./trial.ts";

/** Runs `test` on a backend, and frees what it leaves behind. */
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

/** The numbers of named tensors. */
export async function readAll(tensors: Named): Promise<Record<string, NamedTensor>> {
  const read = Object.entries(tensors).map(async ([name, tensor]) => [name, await numbersOf(tensor)] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** What a trial is run with. */
export interface RunOptions {
  /** Numbers of the inputs. @default {those of seed 1} */
  readonly inputs?: Numbers | undefined;
  /** Numbers of the parameters. @default {those of seed 1} */
  readonly parameters?: ReadonlyMap<string, NamedTensor> | undefined;
}

/** Runs a trial once, and gives its outputs' numbers. */
export async function runTrial(trial: Trial, shape: Shape, options: RunOptions = {}): Promise<Numbers> {
  const parameters = createTensors(options.parameters ?? parameterValues(trial.specs, 1));
  const inputs = tensorsOf(options.inputs ?? trial.inputs(shape, 1));
  const outputs = trial.outputs(trial.call(parameters, inputs)), numbers = await readAll(outputs);
  tf.dispose([parameters, inputs, { ...outputs }]);
  return numbers;
}
