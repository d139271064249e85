import { check } from "../check.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, shapeFor, TENSOR_SLOTS } from "./subject.ts";

const SIZES = [[1, 1], [2, 3], [17, 5], [16, 32]] as const;

/** A loss judges differences of neighbors at times. */
const LOSS_SIZES = [[2, 2], [9, 11], [16, 32]] as const;

/** Frames of all sizes give what the contract says. */
export const shapes: CaseDefinition = {
  id: "shapes",
  sentence: "accepts frames of tiny, odd and even sizes, alone and in batches",
  slots: TENSOR_SLOTS,
  async run({ make, options, definition }) {
    const trial = make(), { multiple } = trial;
    check(
      Number.isInteger(multiple) && multiple >= 1,
      `${trial.name}: multiple must be an integer above 0 and is ${multiple}`,
    );
    for (const [height, width] of options.sizes ?? (definition.slot === "loss" ? LOSS_SIZES : SIZES)) {
      for (const batch of [1, 2]) {
        const shape = shapeFor(trial, batch, height, width);
        try {
          trial.verify(await runTrial(trial, shape), shape);
        } catch (error) {
          const at = `${batch} of ${shape.height} × ${shape.width}`;
          throw new Error(`${trial.name}, ${at}: ${error instanceof Error ? error.message : error}`, { cause: error });
        }
      }
    }
  },
};
