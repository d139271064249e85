import type { MediaHandler } from "@slomo/core";
import type { PartDefinition } from "@slomo/core";
import type { MediaTrial } from "../media_trial.ts";
import type { CaseName } from "../options.ts";
import { writeVideo } from "./video.ts";

/** A codec that is tried. */
export interface MediaSubject {
  /** Slot and name, for messages. */
  readonly name: string;
  /** How the plugin offers it. */
  readonly definition: PartDefinition;
  /** What it is tried on. */
  readonly trial: MediaTrial;
  /** The codec. */
  readonly codec: MediaHandler;
  /** An empty folder of the case's own. */
  readonly folder: string;
}

/** A case of a codec. */
export interface MediaCase {
  /** What it looks at. */
  readonly id: CaseName;
  /** What the codec should do, to follow its name. */
  readonly sentence: string;
  /** Whether a codec has what the case looks at. */
  readonly applies: (trial: MediaTrial) => boolean;
  /** @throws {Error} If the codec does otherwise. */
  run(subject: MediaSubject): Promise<void>;
}

/** Whether a codec can be given something to read. */
export function isReader({ write, sample }: MediaTrial): boolean {
  return sample !== undefined || write !== undefined;
}

/** A video for the codec to read. */
export async function videoFor({ codec, trial, folder }: MediaSubject): Promise<string> {
  if (trial.sample) return await trial.sample(folder);
  const location = trial.write!(folder);
  await writeVideo(codec, location, trial.format);
  return location;
}
