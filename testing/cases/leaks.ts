import * as tf from "@tensorflow/tfjs-core";
import { check } from "../check.ts";
import { createTensors, parameterValues } from "../numbers.ts";
import { tensorsOf } from "../run.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

const count = () => tf.memory().numTensors;

/** What is made is returned or freed, and what was given is left alone. */
export const leaks: CaseDefinition = {
  id: "leaks",
  sentence: "leaks no tensors and does not change its inputs",
  slots: TENSOR_SLOTS,
  run({ make }) {
    const atFirst = count(), trial = make();
    check(
      count() === atFirst,
      `${trial.name}: making it left ${count() - atFirst} tensors; make them when it computes`,
    );
    const parameters = createTensors(parameterValues(trial.specs, 1));
    const inputs = tensorsOf(trial.inputs(smallShape(trial), 1));
    for (let run = 0; run < 2; run++) {
      const before = count(), outputs = trial.outputs(trial.call(parameters, inputs));
      tf.dispose({ ...outputs });
      for (const [name, tensor] of Object.entries({ ...parameters, ...inputs })) {
        check(!tensor.isDisposed, `${trial.name}: it disposes ${name}, or returns it where a copy is due`);
      }
      const left = count() - before;
      check(
        left === 0,
        `${trial.name}: it leaves ${left} tensors that nobody can dispose; wrap what it does in tf.tidy()`,
      );
    }
    return Promise.resolve();
  },
};
