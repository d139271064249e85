/** Answers of programs about themselves and about what they can do, kept in the cache folder from run to run. */
import { cacheFolder, readEnvironment } from "@slomo/downloads";
import { join } from "@std/path";
import { z } from "zod";

/** Number of answers that are kept; each has some kilobytes. */
const KEPT = 128;

/** A question to programs. */
export interface Question {
  /** Paths of the programs that answer. */
  readonly programs: readonly string[];
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
  /** Folder of the answers. @default {`answers` in slomo's cache} */
  readonly folder?: string | undefined;
}

const entry = z.object({ format: z.literal(1), question: z.string(), value: z.unknown() });

/** Tests whether files in a folder may be read and written, without asking the user. */
function isPermitted(path: string): boolean {
  return (["read", "write"] as const).every((name) => Deno.permissions.querySync({ name, path }).state === "granted");
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

async function readEntry<T>(path: string, question: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    const stored = entry.parse(JSON.parse(await Deno.readTextFile(path)));
    return stored.question === question ? schema.safeParse(stored.value).data : undefined;
  } catch {
    // Missing or damaged.
    return undefined;
  }
}

/** Removes the oldest files of a folder beyond {@linkcode KEPT}. */
async function prune(folder: string): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => join(folder, name));
  if (names.length <= KEPT) return;
  const ages = await Promise.all(names.map(async (path) => {
    return { path, time: await Deno.stat(path).then(({ mtime }) => mtime?.getTime() ?? 0, () => 0) };
  }));
  const oldest = ages.toSorted((a, b) => b.time - a.time).slice(KEPT);
  await Promise.all(oldest.map(({ path }) => Deno.remove(path).catch(() => {})));
}

async function writeEntry(folder: string, path: string, question: string, value: unknown): Promise<void> {
  const partial = join(folder, `${crypto.randomUUID()}.partial`);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(partial, JSON.stringify({ format: 1, question, value }));
    await Deno.rename(partial, path);
    await prune(folder);
  } catch {
    // A full or read-only disk costs time only: the question is asked again.
    await Deno.remove(partial).catch(() => {});
  }
}

/**
 * Returns the answer to a question from the cache, or asks it and keeps the answer. Answers are discarded if a program's file
 * has another size or time; damaged ones are asked again. Answers of scripts are not kept.
 *
 * @param schema Schema of the answer.
 * @param ask Asks the question.
 */
export async function rememberAnswer<T>(
  { programs, args }: Question,
  schema: z.ZodType<T>,
  ask: () => Promise<Answer<T>>,
  { folder = join(cacheFolder(readEnvironment), "answers") }: AnswerCacheOptions = {},
): Promise<T> {
  const fingerprints = isPermitted(folder) ? await Promise.all(programs.map(fingerprint)) : [undefined];
  if (fingerprints.includes(undefined)) return (await ask()).value;
  const question = JSON.stringify([fingerprints, args]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(question));
  const path = join(folder, `${new Uint8Array(hash, 0, 16).toHex()}.json`);
  const known = await readEntry(path, question, schema);
  if (known !== undefined) return known;
  const { value, isLasting } = await ask();
  if (isLasting) await writeEntry(folder, path, question, value);
  return value;
}
