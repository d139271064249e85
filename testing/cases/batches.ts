import type { NamedTensor } from "@slomo/core";
import { check } from "../check.ts";
import { distance, memberOf } from "../numbers.ts";
import { runTrial } from "../run.ts";
import type { Numbers, Shape, Trial } from "../trial.ts";
import { type CaseDefinition, smallShape, TENSOR_SLOTS } from "./subject.ts";

const TOLERANCE = 1e-4;

/** One member of each of some batches. */
function member(numbers: Numbers, index: number): Numbers {
  return Object.fromEntries(Object.entries(numbers).map(([name, given]) => [name, memberOf(given, index)]));
}

async function checkMembers(trial: Trial, shape: Shape, inputs: Numbers, whole: Numbers): Promise<void> {
  for (let i = 0; i < shape.batch; i++) {
    const alone = await runTrial(trial, { ...shape, batch: 1 }, { inputs: member(inputs, i) });
    for (const [name, given] of Object.entries(alone)) {
      const far = distance(memberOf(whole[name]!, i), given);
      check(
        far < TOLERANCE,
        `${trial.name}: ${name} of a batch member differs from the result for that member alone (by ${far})`,
      );
    }
  }
}

async function checkMean(trial: Trial, shape: Shape, inputs: Numbers, whole: Numbers): Promise<void> {
  const members: NamedTensor[] = [];
  for (let i = 0; i < shape.batch; i++) {
    members.push((await runTrial(trial, { ...shape, batch: 1 }, { inputs: member(inputs, i) }))["value"]!);
  }
  const mean = members.reduce((sum, { values }) => sum + values[0]! / shape.batch, 0),
    found = whole["value"]!.values[0]!;
  check(
    Math.abs(mean - found) <= TOLERANCE * Math.max(1, Math.abs(mean)),
    `${trial.name}: the value of a batch is ${found}, the mean over its members ${mean}`,
  );
}

/** One of the shareable inputs, and as many as there are of it. */
async function checkShared(trial: Trial, shape: Shape, inputs: Numbers): Promise<void> {
  const one: Record<string, NamedTensor> = { ...inputs }, repeated: Record<string, NamedTensor> = { ...inputs };
  for (const name of trial.shareable) {
    const first = one[name] = memberOf(inputs[name]!, 0), size = first.values.length;
    const values = new Float32Array(shape.batch * size);
    for (let i = 0; i < shape.batch; i++) values.set(first.values, i * size);
    repeated[name] = { shape: inputs[name]!.shape, values };
  }
  const [found, expected] = [
    await runTrial(trial, shape, { inputs: one }),
    await runTrial(trial, shape, { inputs: repeated }),
  ];
  for (const [name, given] of Object.entries(expected)) {
    const far = distance(found[name]!, given);
    check(
      far < TOLERANCE,
      `${trial.name}: ${name} differs when one ${trial.shareable[0]} is shared by all (by ${far})`,
    );
  }
}

/** Members of a batch do not affect each other. */
export const batches: CaseDefinition = {
  id: "batches",
  sentence: "computes each member of a batch independently",
  slots: TENSOR_SLOTS,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial, 3), inputs = trial.inputs(shape, 1);
    const whole = await runTrial(trial, shape, { inputs });
    await (trial.isMean ? checkMean : checkMembers)(trial, shape, inputs, whole);
    if (trial.shareable.length > 0) await checkShared(trial, shape, inputs);
  },
};
