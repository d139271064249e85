import { eventFileStart, pictureEvent, scalarsEvent } from "@slomo/training";
import type { EventPicture } from "@slomo/training";
import { join } from "@std/path";

/** Numbers and pictures for TensorBoard. */
export interface EventLog {
  /** Appends numbers by tag. */
  scalars(step: number, values: Readonly<Record<string, number>>): Promise<void>;
  /** Appends a picture. */
  picture(step: number, tag: string, picture: EventPicture): Promise<void>;
  /** Closes the file. */
  close(): void;
}

const now = () => Date.now() / 1000;

/** A new event file in `folder`; TensorBoard joins those of a run that was resumed. */
export async function openEventLog(folder: string): Promise<EventLog> {
  const path = join(folder, `events.out.tfevents.${Math.floor(now())}.slomo.${Deno.pid}`);
  const file = await Deno.open(path, { append: true, create: true });
  async function append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  }
  await append(eventFileStart(now()));
  return {
    scalars: (step, values) => append(scalarsEvent({ seconds: now(), step }, values)),
    picture: (step, tag, picture) => append(pictureEvent({ seconds: now(), step }, tag, picture)),
    close: () => file.close(),
  };
}
