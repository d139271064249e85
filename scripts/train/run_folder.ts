/** What a run leaves on disk. */
import { fileReasonOf, UsageError } from "@slomo/core";
import { type Checkpoint, unpackCheckpoint } from "@slomo/training";
import { join } from "@std/path";

/** File of the run at rest. */
export const CHECKPOINT = "checkpoint.safetensors";

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/**
 * The checkpoint of a folder.
 *
 * @throws {UsageError} If there is none or it is another kind of file.
 * @throws {JobError} If it is damaged.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(
      `there is nothing to resume: ${path}: ${fileReasonOf(error)}; leave \`resume\` out to start a run`,
    );
  }
  return unpackCheckpoint(bytes, path);
}

/**
 * Makes the folder of a new run.
 *
 * @throws {UsageError} If it holds a run and that may not be replaced.
 */
export async function beginFolder(folder: string, overwrite: boolean): Promise<void> {
  if (await exists(join(folder, CHECKPOINT)) && !overwrite) {
    throw new UsageError(
      `${folder} holds a run; set \`resume\` to continue it, \`overwrite\` to start again, or give another \`out\``,
    );
  }
  await Deno.mkdir(folder, { recursive: true });
}
