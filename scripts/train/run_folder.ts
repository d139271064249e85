/** Reads and creates the folder of a run. */
import { fileReasonOf, UsageError } from "@slomo/core";
import { type Checkpoint, unpackCheckpoint } from "@slomo/training";
import { join } from "@std/path";

/** Name of the checkpoint file. */
export const CHECKPOINT = "checkpoint.safetensors";

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/**
 * Reads the checkpoint of a folder.
 *
 * @param onNote Called if the checkpoint has deprecated names.
 * @throws {UsageError} If there is none, or the file is not a checkpoint.
 * @throws {JobError} If it is damaged.
 */
export async function readCheckpoint(folder: string, onNote?: (note: string) => void): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(
      `there is nothing to resume: ${path}: ${fileReasonOf(error)}; leave \`resume\` out to start a run`,
      { code: "input-not-found", option: "resume" },
    );
  }
  return unpackCheckpoint(bytes, path, onNote);
}

/**
 * Creates the folder of a new run.
 *
 * @throws {UsageError} If it contains a run and `overwrite` is not set.
 */
export async function createRunFolder(folder: string, overwrite: boolean): Promise<void> {
  if (await exists(join(folder, CHECKPOINT)) && !overwrite) {
    throw new UsageError(
      `${folder} contains a run; set \`resume\` to continue it, \`overwrite\` to start again, or give another \`out\``,
      { code: "output-exists", option: "overwrite" },
    );
  }
  await Deno.mkdir(folder, { recursive: true });
}
