import { eventFileStart, imageEvent, scalarsEvent } from "@slomo/training";
import type { EventImage } from "@slomo/training";
import { writeError } from "@slomo/core/files";
import { join } from "@std/path";
import { eventsName } from "./run_folder.ts";

/** Writes scalars and images for TensorBoard. */
export interface EventLog {
  /** Appends scalars by tag. */
  scalars(step: number, values: Readonly<Record<string, number>>): Promise<void>;
  /** Appends an image. */
  image(step: number, tag: string, image: EventImage): Promise<void>;
  /** Closes the file. */
  close(): void;
}

const now = () => Date.now() / 1000;

/**
 * Opens a new event file in `folder`. TensorBoard combines the files of a resumed run.
 *
 * @throws {JobError} If it cannot be written.
 */
export async function openEventLog(folder: string): Promise<EventLog> {
  const path = join(folder, eventsName(now()));
  const fail = (error: unknown): never => {
    throw writeError(path, error);
  };
  const file = await Deno.open(path, { append: true, create: true }).catch(fail);
  async function append(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    } catch (error) {
      fail(error);
    }
  }
  await append(eventFileStart(now()));
  return {
    scalars: (step, values) => append(scalarsEvent({ seconds: now(), step }, values)),
    image: (step, tag, image) => append(imageEvent({ seconds: now(), step }, tag, image)),
    close: () => file.close(),
  };
}
