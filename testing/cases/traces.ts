import { runTraced } from "@slomo/onnx";
import { check } from "../check.ts";
import { createTensors, distance, parameterValues } from "../numbers.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, smallShape } from "./subject.ts";

/** Largest difference from the backend over the range of an output. */
const TOLERANCE = 1e-3;

/** The engine can record it and computes the same. */
export const traces: CaseDefinition = {
  id: "traces",
  sentence: "can be traced for the graph runtime, which computes the same",
  slots: ["flowEstimator", "interpolator", "warp"],
  leftOut: ({ untraceable }) => untraceable,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial), inputs = trial.inputs(shape, 1);
    const parameters = parameterValues(trial.specs, 1);
    const found = await runTraced(
      (named) => trial.outputs(trial.call(createTensors(parameters), named)),
      inputs,
    );
    for (const [name, expected] of Object.entries(await runTrial(trial, shape, { inputs, parameters }))) {
      const far = distance(found[name]!, expected);
      check(far < TOLERANCE, `${trial.name}: the engine's ${name} differs by ${far} of its range`);
    }
  },
};
