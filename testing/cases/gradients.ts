import type { NamedTensor } from "@slomo/core";
import { registerGradients } from "@slomo/engine";
import * as tf from "@tensorflow/tfjs-core";
import { check } from "../check.ts";
import {
  createTensors,
  type Named,
  noise,
  type Numbers,
  parameterValues,
  readAll,
  runTrial,
  type Shape,
  tensorsOf,
  type Trial,
} from "../trial.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

/** Steps of the finite differences: the best one depends on the curvature and the size of the outputs. */
const STEPS = [1e-2, 3e-3, 1e-3, 3e-4];

/** Shorter steps for networks with many kinks, whose outputs must be large enough that rounding does not matter. */
const SHORT_STEPS = [1e-4, 3e-5];

/** Largest relative error of a slope. */
const TOLERANCE = 0.05;

/** Number of parameters to test individually, evenly spread. */
const SINGLES = 8;

/** Returns the weights of the sum of outputs whose gradient is tested. */
function weightsFor(outputs: Numbers): Record<string, NamedTensor> {
  // Gradients do not cross pyramid levels, so finite differences agree with them for the first coarser level only.
  const names = Object.keys(outputs), first = names.filter((name) => name.startsWith("coarser.0."));
  const counted = first.length > 0 ? first : names;
  return Object.fromEntries(
    Object.entries(outputs).filter(([name]) => counted.includes(name)).map((
      [name, { shape }],
      i,
    ) => [name, noise(shape, 900 + i, 0.5, 1.5)]),
  );
}

function weighted(outputs: Numbers, weights: Numbers): number {
  return Object.entries(weights).reduce(
    (sum, [name, { values }]) => values.reduce((total, weight, i) => total + weight * outputs[name]!.values[i]!, sum),
    0,
  );
}

/** Returns the gradients of the weighted sum of outputs, by the name of the parameter or input. */
async function gradientsOf(
  trial: Trial,
  inputs: Numbers,
  parameters: ReadonlyMap<string, NamedTensor>,
  weights: Numbers,
): Promise<Numbers> {
  const given = tensorsOf(inputs), own = createTensors(parameters), factors = tensorsOf(weights);
  const names = [...Object.keys(own), ...trial.moving], all: Named = { ...given, ...own };
  const sum = (...moved: tf.Tensor[]) => {
    const of = Object.fromEntries(names.map((name, i) => [name, moved[i]!]));
    const outputs = trial.outputs(
      trial.call(
        Object.fromEntries(Object.keys(own).map((name) => [name, of[name]!])),
        Object.fromEntries(Object.keys(given).map((name) => [name, of[name] ?? given[name]!])),
      ),
    );
    // A loss may ignore some of its inputs; their gradient is zero.
    const zeros = trial.isMean ? moved.map((x) => tf.mul(tf.sum(x), 0)) : [];
    return tf.addN([
      ...Object.entries(factors).map(([name, factor]) => tf.sum(tf.mul(outputs[name]!, factor))),
      ...zeros,
    ]) as tf.Scalar;
  };
  try {
    const found = tf.grads(sum)(names.map((name) => all[name]!));
    return await readAll(Object.fromEntries(names.map((name, i) => [name, found[i]!])));
  } catch (error) {
    throw new Error(`${trial.name}: it is not differentiable: ${error instanceof Error ? error.message : error}`);
  }
}

/** Returns a direction with the signs of the gradient, in which the slope is positive. */
function directionOf({ shape, values }: NamedTensor, seed: number): NamedTensor {
  const lengths = noise(shape, seed, 0.5, 1).values;
  return { shape, values: lengths.map((length, i) => values[i]! < 0 ? -length : length) };
}

function moved({ shape, values }: NamedTensor, direction: NamedTensor, step: number): NamedTensor {
  return { shape, values: values.map((value, i) => value + step * direction.values[i]!) };
}

async function checkAlong(
  trial: Trial,
  shape: Shape,
  names: readonly string[],
  { inputs, parameters, weights, gradients }: {
    readonly inputs: Numbers;
    readonly parameters: ReadonlyMap<string, NamedTensor>;
    readonly weights: Numbers;
    readonly gradients: Numbers;
  },
): Promise<number> {
  const directions = Object.fromEntries(names.map((name, i) => [name, directionOf(gradients[name]!, 800 + i)]));
  const along = names.reduce(
    (sum, name) =>
      gradients[name]!.values.reduce((total, value, i) => total + value * directions[name]!.values[i]!, sum),
    0,
  );
  const at = async (step: number) => {
    const move = (name: string, numbers: NamedTensor) =>
      directions[name] ? moved(numbers, directions[name], step) : numbers;
    const outputs = await runTrial(trial, shape, {
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, numbers]) => [name, move(name, numbers)])),
      parameters: new Map([...parameters].map(([name, numbers]) => [name, move(name, numbers)])),
    });
    return weighted(outputs, weights);
  };
  const slopes: number[] = [];
  for (const step of [...STEPS, ...SHORT_STEPS]) {
    const [after, before] = [await at(step), await at(-step)], slope = (after - before) / (2 * step);
    // Differences below the resolution of float32.
    const rounding = SHORT_STEPS.includes(step) ? 0 : 1e-5 * Math.max(1, Math.abs(after)) / step;
    slopes.push(slope);
    if (Math.abs(slope - along) <= TOLERANCE * Math.max(Math.abs(slope), Math.abs(along)) + rounding) {
      return Math.abs(along);
    }
  }
  const shown = slopes.map((slope) => slope.toPrecision(3)).join(", ");
  throw new Error(
    `${trial.name}: the directional derivative in ${names.length > 1 ? "all parameters and inputs" : names[0]} is ${
      along.toPrecision(3)
    } by the gradient, but ${shown} by finite differences`,
  );
}

function spread(names: readonly string[]): readonly string[] {
  const step = Math.ceil(names.length / SINGLES);
  return names.filter((_, i) => i % step === 0);
}

/** Gradients agree with finite differences. */
export const gradients: CaseDefinition = {
  id: "gradients",
  sentence: "has gradients that agree with finite differences",
  slots: TENSOR_SLOTS,
  ignoredBecause: ({ untrained }) => untrained,
  applies: ({ specs, moving }) => specs.length + moving.length > 0,
  async run({ make }) {
    await registerGradients();
    const trial = make(), shape = smallShape(trial), inputs = trial.inputs(shape, 1);
    // Parameters of a loss come from a file and are not trained.
    const parameters = parameterValues(trial.specs, 1), trained = trial.isMean ? [] : [...parameters.keys()];
    const weights = weightsFor(await runTrial(trial, shape, { inputs, parameters }));
    const found = await gradientsOf(trial, inputs, parameters, weights);
    const names = [...trained, ...trial.moving], given = { inputs, parameters, weights, gradients: found };
    for (const name of names) {
      check(
        found[name]!.values.every(Number.isFinite),
        `${trial.name}: the gradient with respect to ${name} is not finite`,
      );
    }
    const steepness = await checkAlong(trial, shape, names, given);
    check(steepness > 0, `${trial.name}: its gradient is zero for all parameters and inputs`);
    for (const name of spread(names)) await checkAlong(trial, shape, [name], given);
  },
};
