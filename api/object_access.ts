/** Access to the objects of a conversion: checks, the relay of the input, and messages that name objects. */
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import type { JobEvent } from "@slomo/core/video";
import { type ObjectRelay, type ObjectStorage, openRelay, parseObjectLocation } from "@slomo/storage";
import type { SegmentRun } from "./segmented_conversion.ts";

/** Access of a step to an object, and the name of the object. */
export interface StorageContext {
  /** The relay of the input; absent if the input is a file. */
  readonly relay: ObjectRelay | undefined;
  /** Local locations, and the ones that messages show. */
  readonly names: readonly (readonly [local: string, shown: string])[];
}

/**
 * Checks the locations of a conversion.
 *
 * @param others Further locations that are written.
 * @throws {UsageError} If an object cannot be a video file, or the output is the input.
 */
export function checkObjects(input: string, output: string, ...others: readonly string[]): void {
  for (const location of [input, output, ...others].filter(isObjectLocation)) {
    if (parseObjectLocation(location).key !== "" && !location.endsWith("/")) continue;
    throw new UsageError(`${location}: must be a video file in the storage, such as s3://BUCKET/VIDEO.mp4`);
  }
  if (input === output) {
    throw new UsageError(`${output}: cannot write the object: it is the source; give the output another name`, {
      code: "output-unwritable",
    });
  }
}

/**
 * Lets ffmpeg read an object.
 *
 * @throws {UsageError} If the object is missing or empty.
 * @throws {JobError} If the storage cannot be used.
 */
export async function openInput(
  storage: ObjectStorage,
  input: string,
  signal: AbortSignal | undefined,
): Promise<ObjectRelay> {
  const facts = await storage.facts(input, signal);
  if (!facts) throw new UsageError(`${input}: there is no such object`, { code: "input-not-found" });
  if (facts.size > 0) return openRelay(storage, input, facts);
  throw new UsageError(`${input}: cannot read the video: the object is empty (0 bytes)`, { code: "input-unreadable" });
}

/** @throws {UsageError} If the output exists and may not be replaced. */
export async function checkOutput(
  storage: ObjectStorage,
  output: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (await storage.facts(output, signal)) refuseOutput(output);
}

/** @throws {UsageError} Always: the output exists and may not be replaced. */
export function refuseOutput(output: string): never {
  throw new UsageError(`${output} exists; give another name, or set \`overwrite\` to replace it`, {
    code: "output-exists",
    option: "overwrite",
  });
}

/** Runs a step: it stops when the input cannot be read, and its messages name the objects. */
export async function inStorage<T>(
  { relay, names }: StorageContext,
  { signal, onEvent }: SegmentRun,
  work: (run: SegmentRun & { readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const shown = (text: string) => names.reduce((text, [local, name]) => text.replaceAll(local, name), text);
  relay?.reset();
  const failed = relay?.failed, signals = [signal, failed].filter((signal) => signal !== undefined);
  const run = {
    signal: AbortSignal.any(signals),
    onEvent: onEvent &&
      ((event: JobEvent) => onEvent("message" in event ? { ...event, message: shown(event.message) } : event)),
  };
  try {
    const result = await work(run);
    failed?.throwIfAborted();
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    failed?.throwIfAborted();
    if (error instanceof Error) error.message = shown(error.message);
    throw error;
  }
}
