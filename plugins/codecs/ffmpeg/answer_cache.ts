/** Answers of programs about themselves and about what they can do, kept in the cache folder from run to run. */
import { mayReadAndWrite, RecordFolder } from "@slomo/core/files";
import { cacheFolder, readEnvironment } from "@slomo/downloads";
import { join } from "@std/path";
import type { z } from "zod";

/** Number of answers about programs that are kept; each has some kilobytes. */
const KEPT = 512;

/** Number of answers about files that are kept. They have a folder of their own, because they seldom repeat. */
const KEPT_ABOUT_FILES = 128;

/** A question to programs. */
export interface Question {
  /** Paths of the programs that answer. */
  readonly programs: readonly string[];
  /** Paths of other files that the answer depends on. @default {[]} */
  readonly files?: readonly string[];
  /** The question itself: the arguments of the program. */
  readonly args: readonly string[];
}

/** An answer, and whether it stays true as long as the programs stay the same. */
export interface Answer<T> {
  readonly value: T;
  readonly isLasting: boolean;
}

/** Options of {@linkcode rememberAnswer}. */
export interface AnswerCacheOptions {
  /** Folder of the answers about programs; those about files are beside it. @default {`answers` in slomo's cache} */
  readonly folder?: string | undefined;
}

/** Tests whether a file is a script, which may start a program that changes while the script does not. */
async function isScript(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(2);
  return await file.read(head) === 2 && head[0] === 0x23 && head[1] === 0x21;
}

/** Returns text that changes with the file of a program; `undefined` if that is not known. */
async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return mtime === null || await isScript(path) ? undefined : `${path} ${size} ${mtime.getTime()}`;
  } catch {
    return undefined;
  }
}

/**
 * Returns the answer to a question from the cache, or asks it and keeps the answer. Answers are discarded if a program or a
 * file has another size or time; damaged ones are asked again. Answers of scripts are not kept.
 *
 * @param schema Schema of the answer.
 * @param ask Asks the question.
 */
export async function rememberAnswer<T>(
  { programs, files = [], args }: Question,
  schema: z.ZodType<T>,
  ask: () => Promise<Answer<T>>,
  { folder = join(cacheFolder(readEnvironment), "answers") }: AnswerCacheOptions = {},
): Promise<T> {
  const kept = files.length > 0 ? `${folder}-about-files` : folder, most = files.length > 0 ? KEPT_ABOUT_FILES : KEPT;
  const fingerprints = mayReadAndWrite(kept)
    ? await Promise.all([...programs, ...files].map(fingerprint))
    : [undefined];
  if (fingerprints.includes(undefined)) return (await ask()).value;
  const records = new RecordFolder(kept, most), question = JSON.stringify([fingerprints, args]);
  const known = schema.safeParse(await records.read(question));
  if (known.success && known.data !== undefined) return known.data;
  const { value, isLasting } = await ask();
  if (isLasting) await records.write(question, value);
  return value;
}
