import { createHash } from "node:crypto";
import { JobError } from "@slomo/core";

/** A file to download, identified by its size and hash. */
export interface Wanted {
  /** Name, for messages. */
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Is told how many bytes of a file are there. */
export type Progress = (file: string, done: number, total: number) => void;

const ATTEMPTS = 4;

/**
 * Returns whether a file or folder exists.
 *
 * @param path Path to look at.
 * @returns Whether something has this name.
 */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function sizeOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, () => 0);
}

/**
 * Returns the SHA-256 of a file, which is read in pieces.
 *
 * @param path File to read.
 * @returns The hash, in hexadecimal.
 */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

/**
 * Removes a file unless it is the wanted one.
 *
 * @param path File to check.
 * @param wanted What it has to be.
 * @throws {JobError} If its hash is another.
 */
export async function verify(path: string, wanted: Wanted): Promise<void> {
  const found = await sha256(path);
  if (found === wanted.sha256) return;
  await Deno.remove(path);
  throw new JobError(`${wanted.file} is not what was published (SHA-256 ${found}); it was removed, try again`);
}

/** Asks for what is missing of `part` and appends it. */
async function append(
  url: string,
  part: string,
  wanted: Wanted,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const have = await sizeOf(part);
  const response = await fetch(url, { headers: have > 0 ? { range: `bytes=${have}-` } : {}, signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new JobError(`the server answers ${response.status} for ${wanted.file}`);
  }
  const resumed = response.status === 206;
  const file = await Deno.open(part, { write: true, create: true, append: resumed, truncate: !resumed });
  let done = resumed ? have : 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (piece, controller) => {
      progress(wanted.file, done += piece.length, wanted.bytes);
      controller.enqueue(piece);
    },
  });
  await response.body.pipeThrough(count).pipeTo(file.writable, { signal });
}

/**
 * Downloads a file to `target`, resuming what an earlier attempt has left in `target.part`. The file gets its name once
 * its hash is right.
 *
 * @param url Where the file is.
 * @param target Path of the file.
 * @param wanted What the file has to be.
 * @param progress Is told how many bytes are there.
 * @param signal Stops the download.
 * @throws {JobError} If the server fails time after time or the hash is wrong; a wrong file is removed.
 */
export async function download(
  url: string,
  target: string,
  wanted: Wanted,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const part = `${target}.part`;
  if (await sizeOf(part) > wanted.bytes) await Deno.remove(part);
  let trouble: unknown;
  for (let attempt = 0; attempt < ATTEMPTS && await sizeOf(part) < wanted.bytes; attempt++) {
    try {
      await append(url, part, wanted, progress, signal);
    } catch (error) {
      signal.throwIfAborted();
      trouble = error;
    }
  }
  if (await sizeOf(part) !== wanted.bytes) {
    const reason = trouble instanceof Error ? trouble.message : "the server sent another number of bytes";
    throw new JobError(
      `${wanted.file} could not be downloaded: ${reason}; run this again to go on from where it stopped`,
    );
  }
  await verify(part, wanted);
  await Deno.rename(part, target);
}
