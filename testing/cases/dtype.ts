import { tidy } from "@tensorflow/tfjs-core";
import { check } from "../check.ts";
import { createTensors, parameterValues } from "../numbers.ts";
import { tensorsOf } from "../run.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

/** All tensors are float32. */
export const dtype: CaseDefinition = {
  id: "dtype",
  sentence: "returns float32 tensors",
  slots: TENSOR_SLOTS,
  run({ make }) {
    tidy(() => {
      const trial = make();
      const made = trial.call(
        createTensors(parameterValues(trial.specs, 1)),
        tensorsOf(trial.inputs(smallShape(trial), 1)),
      );
      for (const [name, tensor] of Object.entries(trial.outputs(made))) {
        check(tensor.dtype === "float32", `${trial.name}: ${name} must be float32 and is ${tensor.dtype}`);
      }
    });
    return Promise.resolve();
  },
};
