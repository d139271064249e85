import { tidy } from "@tensorflow/tfjs-core";
import { check, failureOf, isUsageError, show } from "../check.ts";
import { checkOptions, makePart } from "../part.ts";
import { lossInput } from "../tensor_trials.ts";
import { createTensors, type Numbers, parameterValues, runTrial, tensorsOf, type Trial } from "../trial.ts";
import { type CaseDefinition, smallShape, type TrialSubject } from "./subject.ts";

/** Calls a part, and returns the error that it throws. */
function call(trial: Trial, inputs: Numbers): Promise<unknown> {
  return failureOf(() =>
    tidy(() => void trial.call(createTensors(parameterValues(trial.specs, 1)), tensorsOf(inputs)))
  );
}

/** The input to enlarge, by slot. */
const ENLARGED: Readonly<Record<string, string>> = {
  flowEstimator: "second",
  interpolator: "second",
  warp: "flow",
  loss: "frames",
};

async function checkSizes({ definition, make }: TrialSubject): Promise<void> {
  const trial = make(), shape = smallShape(trial), enlarged = ENLARGED[definition.slot]!;
  const larger = trial.inputs({ ...shape, width: shape.width + 2 * trial.multiple }, 1);
  const failure = await call(trial, { ...trial.inputs(shape, 1), [enlarged]: larger[enlarged]! });
  const isExpected = definition.slot === "warp" ? failure instanceof RangeError : failure instanceof Error;
  const wanted = definition.slot === "warp" ? "a RangeError" : "an error";
  check(
    isExpected,
    `${trial.name}: ${enlarged} of another size must cause ${wanted}, got ${show(failure ?? "a result")}`,
  );
}

async function checkWithoutFlow({ definition, options, make }: TrialSubject): Promise<void> {
  const trial = make(), part = makePart("loss", definition, options.options ?? {});
  const failure = await failureOf(() =>
    tidy(() => {
      const { flow: _, knownFlow: __, output: { frames }, ...rest } = lossInput(
        tensorsOf(trial.inputs(smallShape(trial), 1)),
      );
      part.compute(createTensors(parameterValues(trial.specs, 1)), { ...rest, output: { frames } });
    })
  );
  check(
    failure === undefined || isUsageError(failure) && failure.message.includes(definition.name),
    `${trial.name}: without flow it must work or throw a UsageError that names it, got ${show(failure)}`,
  );
}

/** Invalid input is rejected as the contract defines. */
export const errors: CaseDefinition = {
  id: "errors",
  sentence: "rejects unknown options and inputs of wrong sizes, with errors of the right type",
  slots: ["flowEstimator", "interpolator", "warp", "loss"],
  async run(subject) {
    await checkOptions(subject.definition, subject.options.options);
    if (subject.definition.slot !== "loss" || await looksAtFrames(subject)) await checkSizes(subject);
    if (subject.definition.slot === "loss") await checkWithoutFlow(subject);
  },
};

/** Returns whether the value of a loss depends on the interpolated frames. */
async function looksAtFrames({ make }: TrialSubject): Promise<boolean> {
  const trial = make(), shape = smallShape(trial), inputs = trial.inputs(shape, 1);
  const others = { ...inputs, frames: trial.inputs(shape, 2)["frames"]! };
  const [before, after] = [await runTrial(trial, shape, { inputs }), await runTrial(trial, shape, { inputs: others })];
  return before["value"]!.values[0] !== after["value"]!.values[0];
}
