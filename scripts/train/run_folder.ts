/** Reads and creates the folder of a run. */
import { fileReasonOf, JobError, UsageError } from "@slomo/core";
import { FileLock } from "@slomo/core/files";
import { type Checkpoint, unpackCheckpoint } from "@slomo/training";
import { join } from "@std/path";

/** Name of the checkpoint file. */
export const CHECKPOINT = "checkpoint.safetensors";

/** Name of the weights of the last validation. */
export const LAST = "last.safetensors";

/** Name of the weights of the best validation. */
export const BEST = "best.safetensors";

/** Returns the name of an image sheet. */
export const sheetName = (step: number): string => `sheet-${String(step).padStart(6, "0")}.png`;

/** Returns the name of an event file. */
export const eventsName = (seconds: number): string => `events.out.tfevents.${Math.floor(seconds)}.slomo.${Deno.pid}`;

/** Files that a process left that was killed while it wrote. */
const UNFINISHED = /^(checkpoint|last|best)\.safetensors\.[\da-f]{8}\.partial$/;

/** Files that a run with other settings would mix up with its own. */
const OF_RUN = /^((checkpoint|last|best)\.safetensors|sheet-\d{6,}\.png|events\.out\.tfevents\.\d+\.slomo\.\d+)$/;

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
 * Checks that a folder has no files of a run.
 *
 * @throws {UsageError} If it has.
 */
export async function requireNoRun(folder: string): Promise<void> {
  for (const name of [CHECKPOINT, BEST, LAST]) {
    if (!await exists(join(folder, name))) continue;
    throw new UsageError(
      `${folder} contains a run (${name}); set \`resume\` to continue it, \`overwrite\` to start again, or give ` +
        "another `out`",
      { code: "output-exists", option: "overwrite" },
    );
  }
}

async function removeFiles(folder: string, names: RegExp): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) if (names.test(name)) await Deno.remove(join(folder, name));
}

/**
 * Creates the folder of a run and locks it, so that no other process trains in it. Removes unfinished files.
 *
 * @throws {UsageError} If it cannot be created, or another process trains in it.
 */
export async function openRunFolder(folder: string): Promise<FileLock> {
  let lock: FileLock | undefined;
  try {
    await Deno.mkdir(folder, { recursive: true });
    lock = await FileLock.take(join(folder, ".lock"));
    if (lock) await removeFiles(folder, UNFINISHED);
  } catch (error) {
    throw new UsageError(`cannot write to the folder ${folder}: ${fileReasonOf(error)}; give another \`out\``, {
      code: "output-unwritable",
      option: "out",
    });
  }
  if (lock) return lock;
  throw new UsageError(`another process trains in ${folder}; give another \`out\``, {
    code: "output-busy",
    option: "out",
  });
}

/**
 * Removes the files of the run in a folder. Other files stay.
 *
 * @throws {JobError} If one cannot be removed.
 */
export async function removeRun(folder: string): Promise<void> {
  try {
    await removeFiles(folder, OF_RUN);
  } catch (error) {
    throw new JobError(`cannot replace the run in ${folder}: ${fileReasonOf(error)}`, { code: "write-failed" });
  }
}
