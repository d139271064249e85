import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { JobError, jsonOf, UsageError } from "@slomo/core";
import { CHECKPOINT_KEY, openSafetensors, type SafetensorsFile, tensorValues } from "@slomo/weights";
import type { NamedTensor } from "@slomo/core";
import { writeSafetensors } from "@slomo/weights";
import { factsSchema } from "@slomo/weights";
import type { WeightsFacts } from "@slomo/core";
import { type TrainConfig, trainConfigSchema } from "./config.ts";
import { renameOldSettings } from "./old_settings.ts";
import type { NamedTensors } from "@slomo/engine";

/** Description in a checkpoint. Seed and position decide all random numbers, so that there is no other state. */
export interface CheckpointFacts {
  /** Version of this description, 1. */
  readonly version: 1;
  /** Configuration of the run. The learning rate follows from it and from `step`. */
  readonly config: TrainConfig;
  /** Steps done. */
  readonly step: number;
  /** Batches used: position in the data. */
  readonly batches: number;
  /** Steps of the optimizer. */
  readonly optimizerSteps: number;
  /** Best PSNR of a validation so far, in dB; `null` before the first. */
  readonly best: number | null;
  /** Backend of the run. */
  readonly backend: string;
  /** Architecture, as in a weights file. */
  readonly weights: WeightsFacts;
}

/** State of a training run, to resume it. */
export interface Checkpoint {
  /** Description. */
  readonly facts: CheckpointFacts;
  /** Trained tensors, `flow.*` and `interpolation.*`. */
  readonly parameters: ReadonlyMap<string, NamedTensor>;
  /** EMA of the trained tensors, by the same names. */
  readonly ema: ReadonlyMap<string, NamedTensor>;
  /** First moments of the optimizer. */
  readonly means: ReadonlyMap<string, NamedTensor>;
  /** Second moments of the optimizer. */
  readonly squares: ReadonlyMap<string, NamedTensor>;
}

/** Prefix of the EMA in checkpoints that were written before version 1. */
const OLD_EMA = "average";
/** Prefixes of tensor names in the file. */
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

/** Reads the values of tensors from the backend. */
export async function fetchTensors(tensors: NamedTensors): Promise<Map<string, NamedTensor>> {
  const fetched = new Map<string, NamedTensor>();
  for (const [name, tensor] of Object.entries(tensors)) {
    fetched.set(name, { shape: tensor.shape, values: await tensor.data() as Float32Array });
  }
  return fetched;
}

/** Creates tensors from values; the caller disposes them. */
export function createTensors(fetched: ReadonlyMap<string, NamedTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    [...fetched].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
}

/** Returns the bytes of a checkpoint: a safetensors file in float32. */
export function packCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, NamedTensor>();
  for (const group of GROUPS) {
    for (const [name, tensor] of checkpoint[group]) tensors.set(`${group}.${name}`, tensor);
  }
  return writeSafetensors(tensors, { [CHECKPOINT_KEY]: JSON.stringify(checkpoint.facts) }, "F32");
}

/** Replaces old names in the description of a checkpoint. */
function withPresentNames(facts: unknown, onRename: (old: string) => void): unknown {
  if (typeof facts !== "object" || facts === null || !("config" in facts)) return facts;
  return { ...facts, config: renameOldSettings(facts.config, onRename) };
}

function readCheckpointFacts(
  { metadata, tensors }: SafetensorsFile,
  location: string,
  onNote: (note: string) => void,
): CheckpointFacts {
  const text = metadata[CHECKPOINT_KEY];
  if (text === undefined) {
    throw new UsageError(
      `${location} is not a checkpoint of a training run; to start from a weights file, set "from" in the configuration`,
      { code: "invalid-checkpoint" },
    );
  }
  const old = [...tensors.keys()].some((name) => name.startsWith(`${OLD_EMA}.`)) ? [OLD_EMA] : [];
  const facts = jsonOf(text, () => {
    throw new JobError(
      `${location} is damaged: its description is not JSON; start again, from last.safetensors if it is there`,
      { code: "weights-damaged" },
    );
  });
  const result = factsOfCheckpoint.safeParse(withPresentNames(facts, (name) => void old.push(name)));
  if (result.success && old.length > 0) {
    const names = [...new Set(old)].join(", ");
    onNote(`${location}: its names ${names} are deprecated; the next checkpoint has the present names`);
  }
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new JobError(`${location}: another version of slomo wrote this checkpoint: ${path.join(".")}: ${message}`, {
    code: "weights-damaged",
  });
}

/**
 * Parses the bytes of a checkpoint.
 *
 * @param location Name of the file, for errors and notes.
 * @param onNote Called if the checkpoint has deprecated names.
 * @throws {UsageError} If it is not a checkpoint.
 * @throws {JobError} If it is truncated, damaged or of another version.
 */
export function unpackCheckpoint(
  bytes: Uint8Array,
  location: string,
  onNote: (note: string) => void = () => {},
): Checkpoint {
  const file = openSafetensors(bytes, location), facts = readCheckpointFacts(file, location, onNote);
  const group = (name: string) => {
    const entries = [...file.tensors.values()].filter((entry) => entry.name.startsWith(`${name}.`));
    return new Map(entries.map((entry) => {
      return [entry.name.slice(name.length + 1), { shape: entry.shape, values: tensorValues(file, entry) }];
    }));
  };
  const ema = group("ema");
  return {
    facts,
    parameters: group("parameters"),
    ema: ema.size > 0 ? ema : group(OLD_EMA),
    means: group("means"),
    squares: group("squares"),
  };
}
