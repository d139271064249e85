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

/** Called with the number of bytes received so far. */
export type Progress = (file: string, done: number, total: number) => void;

const ATTEMPTS = 4;

/**
 * Returns whether a file or folder exists.
 *
 * @param path Path to check.
 * @returns Whether the path exists.
 */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function sizeOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, () => 0);
}

/**
 * Returns the SHA-256 of a file. Memory use does not depend on its size.
 *
 * @param path File to read.
 * @returns The hash, in hexadecimal.
 */
export async function sha256(path: string): Promise<string> {
  // Loaded only here: it takes longer than everything else in this package.
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

/**
 * Checks the hash of a file, and removes the file if it differs.
 *
 * @param path File to check.
 * @param wanted Expected size and hash.
 * @throws {JobError} If its hash differs.
 */
export async function verify(path: string, wanted: Wanted): Promise<void> {
  const found = await sha256(path);
  if (found === wanted.sha256) return;
  await Deno.remove(path);
  throw new JobError(
    `${wanted.file}: the SHA-256 is ${found}, not the expected ${wanted.sha256}; the file was removed, try again`,
    { code: "download-failed" },
  );
}

/** Requests the missing bytes of `part` and appends them. */
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
    throw new JobError(`the server responded with status ${response.status} for ${wanted.file}`, {
      code: "download-failed",
    });
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
 * Downloads a file to `target`. Resumes the download of an earlier attempt in `target.part`. The file gets its name when
 * its hash is verified.
 *
 * @param url URL of the file.
 * @param target Path of the file.
 * @param wanted Expected size and hash.
 * @param progress Called with the number of bytes received so far.
 * @param signal Stops the download.
 * @throws {JobError} If the server fails repeatedly, or the hash is wrong; a wrong file is removed.
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
    const reason = trouble instanceof Error ? trouble.message : "the server sent a wrong number of bytes";
    throw new JobError(
      `cannot download ${wanted.file}: ${reason}; run this again to resume the download`,
      { code: "download-failed" },
    );
  }
  await verify(part, wanted);
  await Deno.rename(part, target);
}
