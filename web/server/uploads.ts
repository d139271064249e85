/** Uploads: streamed to disk, limited, and removed unless they are complete. */
import { fileReasonOf, JobError, UsageError } from "@slomo/core";
import { statfs } from "node:fs/promises";
import { join } from "@std/path";
import { freePath, safeName } from "./folders.ts";

/** Bytes that stay free on the disk. */
const RESERVE = 512 * 2 ** 20;

/** Bytes after which the free space is looked at again. */
const CHECK_EVERY = 256 * 2 ** 20;

/** Where uploads go, and how large they may be. */
export interface UploadOptions {
  /** Folder of complete uploads. */
  readonly folder: string;
  /** Folder of uploads in progress, on the same disk. */
  readonly partial: string;
  /** Most bytes of one upload. */
  readonly limit: number;
  /** Returns the free bytes of the disk of a folder. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** An upload that does not fit. `status` is that of the response. */
export class UploadRefused extends Error {
  /** Creates it. */
  constructor(message: string, readonly status: 411 | 413 | 507) {
    super(message);
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * Stores an upload under a free name. Nothing is kept if it is larger than announced or than the limit, if the disk becomes
 * full, or if the browser goes away.
 *
 * @param name Name of the file as the browser says, which is not trusted.
 * @param bytes Number of bytes that the browser announces.
 * @returns The path of the file.
 * @throws {UploadRefused} If the limit or the free space does not allow it.
 * @throws {JobError} If it ends early or cannot be written.
 */
export async function storeUpload(
  name: string,
  bytes: number | undefined,
  body: ReadableStream<Uint8Array>,
  options: UploadOptions,
): Promise<string> {
  const { folder, partial, limit } = options, free = options.freeBytes ?? freeBytes;
  const tooLarge = () => {
    throw new UploadRefused(`the file is larger than ${gigabytes(limit)}, the limit of this page`, 413);
  };
  const checkSpace = async (wanted: number) => {
    const left = await free(partial) - RESERVE;
    if (wanted <= left) return;
    throw new UploadRefused(
      `the file needs ${gigabytes(wanted)}, and ${gigabytes(Math.max(0, left))} are free for it on the disk`,
      507,
    );
  };
  const path = join(partial, `${crypto.randomUUID()}.part`);
  try {
    if (bytes === undefined) throw new UploadRefused("the length of the file is unknown", 411);
    if (bytes > limit) tooLarge();
    await checkSpace(bytes);
    using file = await Deno.open(path, { write: true, createNew: true });
    let done = 0, checked = 0;
    for await (const chunk of body) {
      done += chunk.length;
      if (done > Math.min(limit, bytes)) tooLarge();
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      if (done - checked < CHECK_EVERY) continue;
      checked = done;
      await checkSpace(bytes - done);
    }
    if (done < bytes) throw new UsageError(`the upload ended after ${done} of ${bytes} bytes`);
    await file.sync();
  } catch (error) {
    await body.cancel(error).catch(() => {});
    await Deno.remove(path).catch(() => {});
    if (error instanceof UploadRefused) throw error;
    throw new JobError(`upload: cannot store ${safeName(name)}: ${fileReasonOf(error)}`, {
      code: "write-failed",
      cause: error,
    });
  }
  const target = await freePath(join(folder, safeName(name)));
  await Deno.rename(path, target);
  return target;
}

/** Empties the folder of uploads in progress, of which a killed server has left some. */
export async function clearUploads(partial: string): Promise<void> {
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  await Deno.mkdir(partial, { recursive: true });
}
