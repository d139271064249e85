/** What a run leaves on disk. */
import { fileReasonOf, JobError, UsageError } from "@slomo/core";
import { type Checkpoint, unpackCheckpoint } from "@slomo/training";
import { join } from "@std/path";

/** File of the run at rest. */
export const CHECKPOINT = "checkpoint.safetensors";

/**
 * Writes beside the target, makes sure that the bytes are on the disk, and renames: whenever the process ends, the target
 * is the old file or the new one.
 *
 * @throws {JobError} If it cannot be written; the old file is left.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    {
      using file = await Deno.open(partial, { write: true, create: true, truncate: true });
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.syncData();
    }
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw new JobError(`cannot write ${path}: ${fileReasonOf(error)}; the one before is left as it was`);
  }
}

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
    throw new UsageError(`there is nothing to resume: ${path}: ${fileReasonOf(error)}; leave --resume out to begin`);
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
    throw new UsageError(`${folder} holds a run; give --resume to go on, --overwrite to begin anew, or another --out`);
  }
  await Deno.mkdir(folder, { recursive: true });
}
