import type { WeightsFacts } from "@slomo/core";
import { FACTS_KEY, factsSchema, readFacts } from "./facts.ts";
import type { Precision } from "./header.ts";
import { openSafetensors, readSafetensors, type SafetensorsFile } from "./safetensors.ts";
import type { NamedTensor } from "@slomo/core";
import { writeSafetensors } from "./write_safetensors.ts";

/** A weights file in memory. */
export interface WeightsFile extends SafetensorsFile {
  /** Description in the metadata. */
  readonly facts: WeightsFacts;
}

/**
 * Opens the bytes of a weights file. Copies nothing.
 *
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it is not a weights file.
 * @throws {JobError} If it is truncated or damaged.
 */
export function openWeights(bytes: Uint8Array, location = "the weights file"): WeightsFile {
  const file = openSafetensors(bytes, location);
  return { ...file, facts: readFacts(file, location) };
}

/**
 * Reads a weights file from a stream into memory that threads can share.
 *
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it is not a weights file.
 * @throws {JobError} If it is truncated or damaged.
 */
export async function readWeights(stream: ReadableStream<Uint8Array>, location: string): Promise<WeightsFile> {
  const file = await readSafetensors(stream, location);
  return { ...file, facts: readFacts(file, location) };
}

/**
 * Returns the bytes of a weights file.
 *
 * @param tensors By name; convolution filters HWIO.
 * @throws {UsageError} If a value does not fit into float16.
 */
export function writeWeights(
  facts: WeightsFacts,
  tensors: ReadonlyMap<string, NamedTensor>,
  precision: Precision,
): Uint8Array<ArrayBuffer> {
  return writeSafetensors(tensors, { [FACTS_KEY]: JSON.stringify(factsSchema.parse(facts)) }, precision);
}
