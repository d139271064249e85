import { check } from "../check.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, smallShape } from "./subject.ts";

/** A loss is lowest for the ground truth. */
export const direction: CaseDefinition = {
  id: "direction",
  sentence: "is no higher for the ground truth than for other frames",
  slots: ["loss"],
  async run({ make }) {
    const trial = make();
    const shape = smallShape(trial), inputs = trial.inputs(shape, 1);
    const right = { ...inputs, frames: inputs["groundTruth"]! };
    const valueOf = async (given: typeof inputs) =>
      (await runTrial(trial, shape, { inputs: given }))["value"]!.values[0]!;
    const [ofRight, ofOther] = [await valueOf(right), await valueOf(inputs)];
    check(
      ofRight <= ofOther,
      `${trial.name}: lower must be better, but it is ${ofRight} for the ground truth and ${ofOther} for other frames`,
    );
  },
};
