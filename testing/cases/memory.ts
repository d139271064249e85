import * as tf from "@tensorflow/tfjs-core";
import { check } from "../check.ts";
import { createTensors, distance, parameterValues, runTrial, tensorsOf } from "../trial.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

/** Number of tensors to dispose one at a time before a call, evenly spread. */
const DISPOSALS = 12;

/** A failed call leaks no tensors and does not affect the next call. */
export const cancellation: CaseDefinition = {
  id: "cancellation",
  sentence: "computes synchronously, and a failed call leaves no tensors",
  slots: TENSOR_SLOTS,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial), { name } = trial, values = trial.inputs(shape, 1);
    const expected = await runTrial(trial, shape, { inputs: values });
    const all = [...trial.specs.map((spec) => spec.name), ...Object.keys(values)];
    const step = Math.ceil(all.length / DISPOSALS);
    for (const disposed of all.filter((_, i) => (all.length - 1 - i) % step === 0)) {
      const parameters = createTensors(parameterValues(trial.specs, 2)), inputs = tensorsOf(trial.inputs(shape, 2));
      (parameters[disposed] ?? inputs[disposed])!.dispose();
      const before = tf.memory().numTensors;
      try {
        const result = trial.call(parameters, inputs);
        check(
          !isPromise(result),
          `${name}: it returns a promise; compute synchronously, because the host cancels between calls`,
        );
        tf.dispose({ ...trial.outputs(result) });
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(name)) throw error;
      }
      const left = tf.memory().numTensors - before;
      check(
        left <= 0,
        `${name}: a call that fails at ${disposed} leaves ${left} tensors; wrap its computation in tf.tidy()`,
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

const count = () => tf.memory().numTensors;

/** The part returns or disposes each tensor that it creates, and does not dispose its inputs. */
export const leaks: CaseDefinition = {
  id: "leaks",
  sentence: "leaks no tensors and does not change its inputs",
  slots: TENSOR_SLOTS,
  run({ make }) {
    const atFirst = count(), trial = make();
    check(
      count() === atFirst,
      `${trial.name}: creating it left ${count() - atFirst} tensors; create them in each computation`,
    );
    const parameters = createTensors(parameterValues(trial.specs, 1));
    const inputs = tensorsOf(trial.inputs(smallShape(trial), 1));
    for (let run = 0; run < 2; run++) {
      const before = count(), outputs = trial.outputs(trial.call(parameters, inputs));
      tf.dispose({ ...outputs });
      for (const [name, tensor] of Object.entries({ ...parameters, ...inputs })) {
        check(!tensor.isDisposed, `${trial.name}: it disposes ${name}, or returns it instead of a copy`);
      }
      const left = count() - before;
      check(
        left === 0,
        `${trial.name}: a call leaks ${left} tensors; wrap its computation in tf.tidy()`,
      );
    }
    return Promise.resolve();
  },
};
