import { z } from "zod";
import { rememberAnswer } from "./answer_cache.ts";
import { type Output, runProcess } from "./process.ts";

/** Results of queries in this process, by the file of the program and the query. */
const answers = new Map<string, Promise<Output>>();

const output: z.ZodType<Output> = z.object({
  code: z.number(),
  signal: z.null(),
  errors: z.array(z.string()),
  stdout: z.string(),
});

/** Returns a string that changes if the file of a program is replaced or updated; `undefined` if there is no such file. */
async function fileMark(path: string): Promise<string | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  return stat && `${path} ${stat.size} ${stat.mtime?.getTime()} ${stat.ino}`;
}

/**
 * Runs a program to query its version or encoders. Each query runs once; its result is cached, also for later processes.
 *
 * @throws {JobError} If it cannot be started.
 */
export async function askProgram(program: string, args: readonly string[]): Promise<Output> {
  const mark = await fileMark(program), key = JSON.stringify([mark, ...args]);
  const run = async () => {
    const value = await runProcess(program, args, { timeout: 20_000 });
    return { value, isLasting: value.code === 0 };
  };
  if (mark === undefined) return (await run()).value;
  const answer = answers.get(key) ?? rememberAnswer({ programs: [program], args }, output, run);
  answers.set(key, answer);
  try {
    const output = await answer;
    if (output.code !== 0) answers.delete(key);
    return output;
  } catch (error) {
    answers.delete(key);
    throw error;
  }
}
