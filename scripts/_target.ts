/** How scripts write a file: never over another one unasked, never half. */
import { JobError, UsageError } from "@slomo/core";

/** @throws {UsageError} If there is something under the name and it may not be replaced. */
export async function checkTarget(path: string, overwrite: boolean): Promise<void> {
  const exists = await Deno.lstat(path).then(() => true, () => false);
  if (exists && !overwrite) throw new UsageError(`${path} exists; give --overwrite to replace it`);
}

/**
 * Writes beside the target and renames, so that a half-written file never has its name.
 *
 * @throws {JobError} If it cannot be written; nothing is left behind.
 */
export async function writeTarget(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await Deno.writeFile(partial, bytes);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw new JobError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
