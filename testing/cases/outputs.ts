import type { NamedTensor } from "@slomo/core";
import { runTraced } from "@slomo/onnx";
import { memory, tidy } from "@tensorflow/tfjs-core";
import { check } from "../check.ts";
import {
  createTensors,
  distance,
  memberOf,
  noise,
  type Numbers,
  parameterValues,
  runTrial,
  type Shape,
  tensorsOf,
  type Trial,
} from "../trial.ts";
import { type CaseDefinition, shapeFor, smallShape, TENSOR_SLOTS } from "./subject.ts";

const SIZES = [[1, 1], [2, 3], [17, 5], [16, 32]] as const;

/** Some losses compare adjacent pixels, so they need two rows and columns. */
const LOSS_SIZES = [[2, 2], [9, 11], [16, 32]] as const;

/** Outputs for frames of all sizes have the shapes of the contract. */
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

/** All tensors are float32. */
export const dtype: CaseDefinition = {
  id: "dtype",
  sentence: "returns float32 tensors",
  slots: TENSOR_SLOTS,
  run({ make }) {
    tidy(() => {
      const trial = make();
      const result = trial.call(
        createTensors(parameterValues(trial.specs, 1)),
        tensorsOf(trial.inputs(smallShape(trial), 1)),
      );
      for (const [name, tensor] of Object.entries(trial.outputs(result))) {
        check(tensor.dtype === "float32", `${trial.name}: ${name} must be float32 and is ${tensor.dtype}`);
      }
    });
    return Promise.resolve();
  },
};

const BATCH_TOLERANCE = 1e-4;

/** Returns one member of each of several batches. */
function member(numbers: Numbers, index: number): Numbers {
  return Object.fromEntries(Object.entries(numbers).map(([name, given]) => [name, memberOf(given, index)]));
}

async function checkMembers(trial: Trial, shape: Shape, inputs: Numbers, whole: Numbers): Promise<void> {
  for (let i = 0; i < shape.batch; i++) {
    const alone = await runTrial(trial, { ...shape, batch: 1 }, { inputs: member(inputs, i) });
    for (const [name, given] of Object.entries(alone)) {
      const far = distance(memberOf(whole[name]!, i), given);
      check(
        far < BATCH_TOLERANCE,
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
    Math.abs(mean - found) <= BATCH_TOLERANCE * Math.max(1, Math.abs(mean)),
    `${trial.name}: the value of a batch is ${found}, the mean over its members ${mean}`,
  );
}

/** Compares shared inputs with one copy of them per member. */
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
      far < BATCH_TOLERANCE,
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

/** Returns inputs in which one pair has all the times. */
function withOnePair(trial: Trial, inputs: Numbers): Numbers {
  const shared = trial.shareable.map((name) => [name, memberOf(inputs[name]!, 0)] as const);
  return { ...inputs, ...Object.fromEntries(shared) };
}

/** Features that are computed beforehand change nothing. */
export const prepared: CaseDefinition = {
  id: "prepared",
  sentence: "gives the same results with features that it has computed beforehand",
  slots: ["interpolator"],
  applies: ({ callPrepared }) => callPrepared !== undefined,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial, 3), inputs = trial.inputs(shape, 1), before = memory().numTensors;
    const { callPrepared: call } = trial;
    for (const given of [inputs, withOnePair(trial, inputs)]) {
      const expected = await runTrial(trial, shape, { inputs: given });
      const found = await runTrial({ ...trial, call: call! }, shape, { inputs: given });
      for (const [name, numbers] of Object.entries(expected)) {
        const far = distance(found[name]!, numbers);
        check(far < BATCH_TOLERANCE, `${trial.name}: ${name} differs with prepared features (by ${far})`);
      }
    }
    const left = memory().numTensors - before;
    check(left === 0, `${trial.name}: preparing leaks ${left} tensors; wrap its computation in tf.tidy()`);
  },
};

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

/** Zero flow returns the image, and integer flow shifts it. */
export const identity: CaseDefinition = {
  id: "identity",
  sentence: "returns the identical image for zero flow, and samples to the right and below for positive flow",
  slots: ["warp"],
  async run({ make }) {
    const trial = make(), { height, width } = smallShape(trial), shape = { batch: 1, height, width };
    const image = noise([1, height, width, 3], 1), pixels = height * width;
    const along = async (dx: number, dy: number) => {
      const values = Float32Array.from({ length: 2 * pixels }, (_, i) => i % 2 === 0 ? dx : dy);
      return (await runTrial(trial, shape, { inputs: { image, flow: { shape: [1, height, width, 2], values } } }))[
        "sampled"
      ]!;
    };
    const still = await along(0, 0);
    check(
      image.values.every((value, i) => value === still.values[i]),
      `${trial.name}: zero flow must return the exact image`,
    );
    const moved = await along(2, 1), row = 3 * width;
    for (let y = 0; y < height - 1; y++) {
      for (let i = 0; i < row - 6; i++) {
        const far = Math.abs(moved.values[y * row + i]! - image.values[(y + 1) * row + i + 6]!);
        check(far < 1e-4, `${trial.name}: flow (2, 1) must read two pixels to the right and one below`);
      }
    }
  },
};

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

/** Largest difference from the backend, relative to the range of an output. */
const TRACE_TOLERANCE = 1e-3;

/** The part can be traced, and the graph runtime computes the same. */
export const traces: CaseDefinition = {
  id: "traces",
  sentence: "can be traced for the graph runtime, which computes the same",
  slots: ["flowEstimator", "interpolator", "warp"],
  ignoredBecause: ({ untraceable }) => untraceable,
  async run({ make }) {
    const trial = make(), shape = smallShape(trial), inputs = trial.inputs(shape, 1);
    const parameters = parameterValues(trial.specs, 1);
    const found = await runTraced(
      (named) => trial.outputs(trial.call(createTensors(parameters), named)),
      inputs,
    );
    for (const [name, expected] of Object.entries(await runTrial(trial, shape, { inputs, parameters }))) {
      const far = distance(found[name]!, expected);
      check(
        far < TRACE_TOLERANCE,
        `${trial.name}: ${name} of the graph runtime differs from the backend by ${far} of its range`,
      );
    }
  },
};
