import type { MediaHandler, PairEngine } from "@slomo/core";
import { prepareJob, runJob } from "@slomo/core/video";
import { rational } from "@slomo/core/time";
import { join } from "@std/path";

/** Result of one input. */
export interface Outcome {
  /** An output, one clear line, or neither. */
  readonly end: "output" | "refused" | "wrong";
  /** The line, or a description of the problem. */
  readonly message: string;
}

/** Converts an input to an output. */
export type Attempt = (input: string, output: string, signal: AbortSignal) => Promise<void>;

/** Timeout for one input, in milliseconds. */
const PATIENCE = 60_000;

/** An engine that repeats the first image of each pair. */
const engine: PairEngine = {
  backend: "none",
  device: "none",
  parallel: 2,
  run: ({ first, times }) => Promise.resolve({ images: times.map(() => first), timing: {} }),
  close: () => Promise.resolve(),
};

/** Converts in this process, with an engine that computes nothing. */
export function inProcess(codecs: readonly MediaHandler[]): Attempt {
  return async (input, output, signal) => {
    const sampling = { kind: "factor", factor: rational(2) } as const;
    await using job = await prepareJob({ input, output, frames: { sampling } }, codecs, signal);
    await runJob(job, engine, { signal });
  };
}

/** Converts with the command line; its error output becomes the error's message. */
export function byCommand(script: string, manifest: string): Attempt {
  return async (input, output, signal) => {
    const args = ["run", "-A", script, input, output, "--manifest", manifest, "--backend", "cpu", "--quiet"];
    const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null", stderr: "piped", signal });
    const { code, stderr } = await child.output();
    signal.throwIfAborted();
    const said = new TextDecoder().decode(stderr).trim();
    if (code === 0) return;
    const lines = said.split("\n").filter((line) => !line.startsWith("slomo: warning: "));
    const isClear = (code === 1 || code === 2) && lines.length === 1 && !/^slomo: unexpected/.test(lines[0]!);
    throw Object.assign(new Error(lines.join("\n")), { name: isClear ? "JobError" : `exit code ${code}` });
  };
}

/** Returns the reason why an error is not one clear line; `undefined` if it is. */
function fault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `threw ${error}`;
  if (error.name !== "UsageError" && error.name !== "JobError") {
    return `${error.name}: ${error.message}\n${error.stack}`;
  }
  return /[\n\r]/.test(error.message) ? `more than a line: ${error.message}` : undefined;
}

/**
 * Tests an input: it must give an output or one clear line, in time, and on failure leave only files that the line names.
 *
 * @param folder An empty folder for the output; emptied again.
 */
export async function tryInput(attempt: Attempt, input: string, folder: string, ending: string): Promise<Outcome> {
  const output = join(folder, `out${ending}`), stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("hung")), PATIENCE);
  let failure: { readonly error: unknown } | undefined;
  try {
    await attempt(input, output, stop.signal);
  } catch (error) {
    failure = { error };
  } finally {
    clearTimeout(timer);
  }
  const left = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  for (const name of left) await Deno.remove(join(folder, name), { recursive: true });
  if (stop.signal.aborted) return { end: "wrong", message: `no end after ${PATIENCE / 1000} s` };
  const wrong = failure && fault(failure.error);
  if (wrong !== undefined) return { end: "wrong", message: wrong };
  if (!failure) {
    const isAlone = left.length === 1 && left[0] === `out${ending}`;
    return isAlone ? { end: "output", message: "" } : { end: "wrong", message: `left ${left.join(", ")}` };
  }
  const { message } = failure.error as Error;
  // If only the other streams fail, the finished video is kept, and the line names it.
  const unnamed = left.filter((name) => !message.includes(`is kept as ${join(folder, name)}`));
  return unnamed.length === 0
    ? { end: "refused", message }
    : { end: "wrong", message: `${message}; left ${unnamed.join(", ")}` };
}
