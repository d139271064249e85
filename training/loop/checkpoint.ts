import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { JobError, UsageError } from "@slomo/core";
import { openSafetensors, type SafetensorsFile, tensorValues } from "@slomo/weights";
import type { NamedTensor } from "@slomo/core";
import { writeSafetensors } from "@slomo/weights";
import { factsSchema } from "@slomo/weights";
import type { WeightsFacts } from "@slomo/core";
import { type TrainConfig, trainConfigSchema } from "./config.ts";
import type { AdamState, NamedTensors } from "@slomo/engine";

/** What a checkpoint says beside its tensors. Place and seed decide all that is drawn, so that there is no other state. */
export interface CheckpointFacts {
  /** Version of this description, 1. */
  readonly version: 1;
  /** The configuration of the run; the schedule follows from it and from `step`. */
  readonly config: TrainConfig;
  /** Steps made. */
  readonly step: number;
  /** Batches used: where the data goes on. */
  readonly batches: number;
  /** Steps that the optimizer has made. */
  readonly optimizerSteps: number;
  /** The best validation so far, in dB; `null` before the first. */
  readonly best: number | null;
  /** The backend that it was made on. */
  readonly backend: string;
  /** Architecture, as in a weights file. */
  readonly weights: WeightsFacts;
}

/** A run at rest. */
export interface Checkpoint {
  /** What it says. */
  readonly facts: CheckpointFacts;
  /** Trained tensors, `flow.*` and `interpolation.*`. */
  readonly parameters: ReadonlyMap<string, NamedTensor>;
  /** Their averages by the same names. */
  readonly ema: ReadonlyMap<string, NamedTensor>;
  /** Means of the gradients. */
  readonly means: ReadonlyMap<string, NamedTensor>;
  /** Means of their squares. */
  readonly squares: ReadonlyMap<string, NamedTensor>;
}

const KEY = "slomo-train";
/** First word of the names of each group of tensors in the file. */
const GROUPS = ["parameters", "ema", "means", "squares"] as const;

const factsOfCheckpoint: z.ZodType<CheckpointFacts> = z.strictObject({
  version: z.literal(1),
  config: trainConfigSchema,
  step: z.int().min(0),
  batches: z.int().min(0),
  optimizerSteps: z.int().min(0),
  best: z.number().nullable(),
  backend: z.string(),
  weights: factsSchema,
});

/** Numbers of tensors, fetched from the backend. */
export async function fetchTensors(tensors: NamedTensors): Promise<Map<string, NamedTensor>> {
  const fetched = new Map<string, NamedTensor>();
  for (const [name, tensor] of Object.entries(tensors)) {
    fetched.set(name, { shape: tensor.shape, values: await tensor.data() as Float32Array });
  }
  return fetched;
}

/** Tensors of fetched numbers; the caller disposes. */
export function createTensors(fetched: ReadonlyMap<string, NamedTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    [...fetched].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
}

/** The optimizer's half of a checkpoint as tensors; the caller disposes. */
export function createAdamState({ facts, means, squares }: Checkpoint): AdamState {
  return { steps: facts.optimizerSteps, means: createTensors(means), squares: createTensors(squares) };
}

/** The bytes of a checkpoint: a safetensors file in float32. */
export function packCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, NamedTensor>();
  for (const group of GROUPS) {
    for (const [name, tensor] of checkpoint[group]) tensors.set(`${group}.${name}`, tensor);
  }
  return writeSafetensors(tensors, { [KEY]: JSON.stringify(checkpoint.facts) }, "F32");
}

function readCheckpointFacts({ metadata }: SafetensorsFile, location: string): CheckpointFacts {
  const text = metadata[KEY];
  if (text === undefined) {
    throw new UsageError(
      `${location} is no checkpoint of a training run; to start from a weights file say so in the configuration's "from"`,
    );
  }
  const result = factsOfCheckpoint.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new JobError(`${location}: this checkpoint is of another version of slomo: ${path.join(".")}: ${message}`);
}

/**
 * Reads the bytes of a checkpoint.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is another kind of file.
 * @throws {JobError} If it is truncated, damaged or of another version.
 */
export function unpackCheckpoint(bytes: Uint8Array, location: string): Checkpoint {
  const file = openSafetensors(bytes, location), facts = readCheckpointFacts(file, location);
  const group = (name: (typeof GROUPS)[number]) => {
    const entries = [...file.tensors.values()].filter((entry) => entry.name.startsWith(`${name}.`));
    return new Map(entries.map((entry) => {
      return [entry.name.slice(name.length + 1), { shape: entry.shape, values: tensorValues(file, entry) }];
    }));
  };
  return {
    facts,
    parameters: group("parameters"),
    ema: group("ema"),
    means: group("means"),
    squares: group("squares"),
  };
}
