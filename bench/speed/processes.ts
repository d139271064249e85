/** Runs programs, and measures them with all processes that they start. */
import { JobError } from "@slomo/core";
import { endedSeconds, ProcessTree } from "../startup/processes.ts";

/** Wall time and CPU time of all cores, in milliseconds. */
export interface Duration {
  readonly wall: number;
  readonly cpu: number;
}

/** Returns the minimum of wall times and that of CPU times. */
export function shortest(all: readonly Duration[]): Duration {
  return { wall: Math.min(...all.map(({ wall }) => wall)), cpu: Math.min(...all.map(({ cpu }) => cpu)) };
}

/** Measurements of a program that has ended. */
export interface ProgramRun {
  readonly whole: Duration;
  /** Up to the line that was asked for; `undefined` if no line matches. */
  readonly first: Duration | undefined;
  /** Peak of the resident memory of all its processes together, in bytes. */
  readonly peak: number;
  /** Last line of standard output. */
  readonly last: string;
}

/** Milliseconds between two looks at the processes. A shorter step takes CPU time from the program. */
const STEP = 20;

/**
 * Runs a program and measures it. No other program may run at the same time, because ended processes are counted for
 * this one as a whole.
 *
 * @param name Name of the program in errors.
 * @param isFirst Tells the line of standard output up to which {@linkcode ProgramRun.first} counts.
 * @throws {JobError} If the program fails.
 */
export async function measureProgram(
  name: string,
  [command, ...args]: readonly string[],
  signal: AbortSignal,
  isFirst: (line: string) => boolean = () => false,
): Promise<ProgramRun> {
  const ended = endedSeconds();
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped", stderr: "piped", signal }).spawn();
  const errors = new Response(child.stderr).text();
  const tree = new ProcessTree(child.pid), timer = setInterval(() => tree.look(), STEP);
  let text = "", last = "", first: Duration | undefined;
  try {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const wall = 1000 * tree.seconds, lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        if (line !== "") last = line;
        if (first === undefined && isFirst(line)) first = { wall, cpu: 1000 * tree.look() };
      }
    }
    const { success } = await child.status;
    signal.throwIfAborted();
    if (!success) {
      throw new JobError(`bench: cannot measure ${name}: ${lastLine(await errors)}`, { code: "program-failed" });
    }
  } finally {
    clearInterval(timer);
  }
  const whole = { wall: 1000 * tree.seconds, cpu: 1000 * (endedSeconds() - ended) };
  return { whole, first, peak: tree.peak, last };
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) || "it failed without a message";
