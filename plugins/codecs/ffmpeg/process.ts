import { JobError } from "@slomo/core";

/** How a process ended. */
export interface Exit {
  /** Its exit code; 128 plus the signal's number where a signal ended it. */
  readonly code: number;
  /** The signal that ended it, `null` where it ended by itself. */
  readonly signal: string | null;
  /** The last lines of its standard error output, without blank ones. */
  readonly errors: readonly string[];
}

/** What {@linkcode startProcess} takes. */
export interface ProcessOptions {
  /** Kills the process. */
  readonly signal?: AbortSignal | undefined;
  /** Whether bytes will be written to its standard input; otherwise it is empty. */
  readonly input?: boolean;
}

/** Bytes of standard error output that are kept, the last ones. */
const KEPT_ERRORS = 16384;

/** In its own process group, so that Ctrl-C on a terminal reaches slomo alone, which then ends its children in order. */
const DETACHED = Deno.build.os !== "windows";

/**
 * A running child process. Its error output is always drained; its death never becomes an uncaught rejection.
 * Whoever starts one must await `exit` or `kill()`.
 */
export class Process {
  /** Settles when the process has ended and its error output is read to the end; never rejects. */
  readonly exit: Promise<Exit>;
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  readonly #program: string;

  /** Wraps a child whose output and error streams are piped. */
  constructor(program: string, child: Deno.ChildProcess, { signal, input = false }: ProcessOptions) {
    this.#program = program;
    this.#child = child;
    this.#reader = child.stdout.getReader();
    this.#reader.closed.catch(() => {});
    if (input) {
      this.#writer = child.stdin.getWriter();
      this.#writer.closed.catch(() => {});
    }
    const onAbort = () => this.#signal();
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) this.#signal();
    this.exit = (async () => {
      const [status, errors] = await Promise.all([child.status, drainErrors(child.stderr)]);
      signal?.removeEventListener("abort", onAbort);
      return { code: status.code, signal: status.signal, errors };
    })();
  }

  /** What the process prints, chunk by chunk, as fast as it is taken. To stop early, call `kill`. */
  async *output(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      yield value;
    }
  }

  /**
   * Writes to the process; resolves when it has taken enough to want more.
   *
   * @throws {JobError} If the process has ended; the message holds its own last line.
   */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#writer) throw new TypeError("process: it was started without input");
    try {
      await this.#writer.write(bytes);
    } catch {
      throw processError(this.#program, await this.exit);
    }
  }

  /** Ends the process's input; does nothing if it has ended itself. */
  async closeInput(): Promise<void> {
    await this.#writer?.close().catch(() => {});
  }

  /** Kills the process and waits until it is gone. */
  async kill(): Promise<void> {
    this.#signal();
    await this.#writer?.abort().catch(() => {});
    await this.#reader.cancel().catch(() => {});
    await this.exit;
  }

  #signal(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

async function drainErrors(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of stream) text = (text + decoder.decode(chunk, { stream: true })).slice(-KEPT_ERRORS);
  } catch {
    // A killed process may break its pipe; what was read stands.
  }
  return text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
}

/**
 * Starts a program.
 *
 * @throws {JobError} If it cannot be started.
 */
export function startProcess(program: string, args: readonly string[], options: ProcessOptions = {}): Process {
  options.signal?.throwIfAborted();
  try {
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: options.input ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      detached: DETACHED,
    }).spawn();
    return new Process(program, child, options);
  } catch (error) {
    throw new JobError(`${program} could not be started: ${(error as Error).message}`);
  }
}

/** One sentence for a process that failed: its own last line, or the signal that ended it. */
export function processError(program: string, { code, signal, errors }: Exit, doing?: string): JobError {
  const what = `${program.replace(/^.*[\\/]/, "")}${doing ? `, ${doing},` : ""}`;
  if (signal) {
    return new JobError(`${what} was ended by signal ${signal}${errors.length ? `: ${lastError(errors)}` : ""}`);
  }
  return new JobError(`${what} failed${errors.length ? `: ${lastError(errors)}` : ` (exit code ${code})`}`);
}

/** Lines that ffmpeg prints after the one that names the cause, without what stands in brackets before them. */
const CONSEQUENCE = new RegExp(
  "^(Conversion failed!|Error while (opening|filtering|processing)|Error (initializing|sending|submitting|writing|closing|" +
    "opening|muxing|encoding)|Task finished with error|Terminating thread|Could not open encoder|Nothing was written|" +
    "Invalid argument$|Last message repeated|maybe incorrect parameters|Received (no|non|returned)|Could not write header)",
);

/** What a full or broken disk leaves in ffmpeg's error output, which up to 5.1 may end with exit code 0 all the same. */
const DISK = /No space left on device|Disk quota exceeded|File too large|Input\/output error|Read-only file system/;

/** Why a file could not be written to its end, `undefined` where nothing speaks of the disk. */
export function diskError(errors: readonly string[]): string | undefined {
  return errors.map((line) => DISK.exec(line)?.[0]).find((cause) => cause !== undefined);
}

/** The line of ffmpeg's error output that tells most: the last one which is not a consequence of another. */
export function lastError(errors: readonly string[]): string {
  const plain = errors.map((line) => line.replaceAll(/\[([^\]]*?) @ 0x[0-9a-f]+\]/g, "[$1]"));
  const cause = diskError(errors) ?? plain.findLast((line) => !CONSEQUENCE.test(line.replace(/^(\[[^\]]*\] )+/, ""))) ??
    plain.at(-1) ?? "no message";
  return cause.replace(/\.$/, "");
}

/** What a short-lived program printed. */
export interface Output extends Exit {
  /** Its standard output. */
  readonly stdout: string;
}

/**
 * Runs a program to its end and collects what it prints, at most some megabytes.
 *
 * @param timeout Milliseconds after which it is killed; the exit then shows the signal.
 * @throws {JobError} If it cannot be started.
 * @throws The signal's reason if `signal` is aborted.
 */
export async function runProcess(
  program: string,
  args: readonly string[],
  { signal, timeout }: { readonly signal?: AbortSignal | undefined; readonly timeout?: number } = {},
): Promise<Output> {
  const child = startProcess(program, args, { signal });
  const timer = timeout === undefined ? undefined : setTimeout(() => child.kill(), timeout);
  try {
    const decoder = new TextDecoder();
    let stdout = "";
    for await (const chunk of child.output()) stdout += decoder.decode(chunk, { stream: true });
    const exit = await child.exit;
    signal?.throwIfAborted();
    return { ...exit, stdout };
  } finally {
    clearTimeout(timer);
    await child.kill();
  }
}

/** Answers of programs, by the file of the program and the question. */
const answers = new Map<string, Promise<Output>>();

/** What tells a program's file from another under its name, or from itself after an update; `undefined` if it is not there. */
async function fileMark(path: string): Promise<string | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  return stat && `${path} ${stat.size} ${stat.mtime?.getTime()} ${stat.ino}`;
}

/**
 * Asks a program about itself: its version, its encoders. It is run once for each question, and its answer remembered.
 *
 * @throws {JobError} If it cannot be started.
 */
export async function askProgram(program: string, args: readonly string[]): Promise<Output> {
  const mark = await fileMark(program),
    key = JSON.stringify([mark, ...args]),
    run = () => runProcess(program, args, { timeout: 20_000 });
  if (mark === undefined) return await run();
  const answer = answers.get(key) ?? run();
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
