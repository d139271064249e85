import { check } from "../check.ts";
import { makePart } from "../part.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, smallShape } from "./subject.ts";

/** A loss is no worse for what is right. */
export const direction: CaseDefinition = {
  id: "direction",
  sentence: "says what it counts in, and that frames which are right are no worse than others",
  slots: ["loss"],
  async run({ make, definition, options }) {
    const { unit, better } = makePart("loss", definition, options.options ?? {}), trial = make();
    check(typeof unit === "string" && unit !== "", `${trial.name}: its unit must be a word for people`);
    check(better === "lower" || better === "higher", `${trial.name}: better must be "lower" or "higher"`);
    const shape = smallShape(trial), inputs = trial.inputs(shape, 1);
    const right = { ...inputs, frames: inputs["groundTruth"]! };
    const valueOf = async (given: typeof inputs) =>
      (await runTrial(trial, shape, { inputs: given }))["value"]!.values[0]!;
    const [ofRight, ofOther] = [await valueOf(right), await valueOf(inputs)];
    const isRight = better === "lower" ? ofRight <= ofOther : ofRight >= ofOther;
    check(
      isRight,
      `${trial.name}: ${better} is better, and it counts ${ofRight} where frames are right, else ${ofOther}`,
    );
  },
};
