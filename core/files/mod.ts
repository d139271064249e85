/**
 * Atomic writing of files: a file is either complete or absent; values that are kept from run to run; and hashes. This entry
 * point uses `Deno` and does not run in browsers.
 *
 * @module
 */
import { fileReasonOf, JobError, UsageError } from "../errors.ts";

export { changedFacts } from "./changed_facts.ts";
export * from "./locations.ts";
export * from "./lock.ts";
export * from "./record_folder.ts";
export * from "./sha256.ts";

/**
 * Creates a folder for output, with its parents; does nothing if it exists.
 *
 * @param option The option that names it, for the error.
 * @throws {UsageError} If it cannot be created.
 */
export async function createFolder(path: string, option?: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot create the folder ${path}: ${fileReasonOf(error)}`, {
      code: "output-unwritable",
      option,
    });
  }
}

/** Returns the error for a file that cannot be written. */
export function writeError(path: string, error: unknown): JobError {
  return new JobError(`cannot write ${path}: ${fileReasonOf(error)}`, { code: "write-failed", cause: error });
}

/** Waits until the content of a file is on the disk, so that it survives a power failure. */
export async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.sync();
}

/**
 * Writes a file under a temporary name, `PATH.RANDOM.partial`, waits until its content is on the disk, and renames it.
 * Whenever the process or the machine stops, `path` holds the old content or the new; also if several processes write it.
 *
 * @param path Path of the file. An existing file is replaced.
 * @param content Text, which is written as UTF-8, bytes, or several pieces of bytes.
 * @throws {JobError} If the file cannot be written. An existing file then keeps its content, and the temporary file is removed.
 *
 * @example
 * ```ts
 * import { writeFileAtomic } from "@slomo/core/files";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile();
 * await writeFileAtomic(path, "done\n");
 * assert.equal(await Deno.readTextFile(path), "done\n");
 * await Deno.remove(path);
 * ```
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  const pieces = typeof content === "string"
    ? [new TextEncoder().encode(content)]
    : content instanceof Uint8Array
    ? [content]
    : content;
  const partial = `${path}.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    {
      using file = await Deno.open(partial, { write: true, create: true, truncate: true });
      for (const piece of pieces) {
        for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
      }
      await file.sync();
    }
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw writeError(path, error);
  }
}
