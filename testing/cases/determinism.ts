import { check } from "../check.ts";
import { distance } from "../numbers.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

/** Equal inputs give equal outputs. */
export const determinism: CaseDefinition = {
  id: "determinism",
  sentence: "is deterministic",
  slots: TENSOR_SLOTS,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial), before = await runTrial(trial, shape);
    await runTrial(trial, shape, { inputs: trial.inputs(shape, 7) });
    const others = {
      "in a second call": await runTrial(trial, shape),
      "after the part is created again": await runTrial(make(), shape),
    };
    for (const [when, after] of Object.entries(others)) {
      for (const [name, given] of Object.entries(before)) {
        check(distance(after[name]!, given) === 0, `${trial.name}: ${name} differs ${when}`);
      }
    }
  },
};
