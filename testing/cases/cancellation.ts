import * as tf from "@tensorflow/tfjs-core";
import { check } from "../check.ts";
import { createTensors, distance, parameterValues } from "../numbers.ts";
import { runTrial, tensorsOf } from "../run.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

/** Number of tensors to dispose one at a time before a call, evenly spread. */
const TAKEN = 12;

/** A failed call leaks no tensors and does not affect the next call. */
export const cancellation: CaseDefinition = {
  id: "cancellation",
  sentence: "computes synchronously, and a failed call leaves no tensors",
  slots: TENSOR_SLOTS,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial), { name } = trial, values = trial.inputs(shape, 1);
    const expected = await runTrial(trial, shape, { inputs: values });
    const all = [...trial.specs.map((spec) => spec.name), ...Object.keys(values)];
    const step = Math.ceil(all.length / TAKEN);
    for (const taken of all.filter((_, i) => (all.length - 1 - i) % step === 0)) {
      const parameters = createTensors(parameterValues(trial.specs, 2)), inputs = tensorsOf(trial.inputs(shape, 2));
      (parameters[taken] ?? inputs[taken])!.dispose();
      const before = tf.memory().numTensors;
      try {
        const made = trial.call(parameters, inputs);
        check(
          !isPromise(made),
          `${name}: it returns a promise; compute synchronously, because the host cancels between calls`,
        );
        tf.dispose({ ...trial.outputs(made) });
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(name)) throw error;
      }
      const left = tf.memory().numTensors - before;
      check(
        left <= 0,
        `${name}: a call that fails at ${taken} leaves ${left} tensors; wrap its computation in tf.tidy()`,
      );
      tf.dispose([parameters, inputs]);
    }
    for (const [key, found] of Object.entries(await runTrial(trial, shape, { inputs: values }))) {
      check(distance(found, expected[key]!) === 0, `${name}: ${key} differs after a failed call`);
    }
  },
};

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}
