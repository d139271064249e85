import { JobError } from "@slomo/core";

/** How a process ended. */
export interface Exit {
  /** Exit code; 128 plus the number of the signal that killed it. */
  readonly code: number;
  /** Signal that killed it, or `null`. */
  readonly signal: string | null;
  /** Last lines of its standard error output, without blank lines. */
  readonly errors: readonly string[];
}

/** Options of {@linkcode startProcess}. */
export interface ProcessOptions {
  /** Kills the process. */
  readonly signal?: AbortSignal | undefined;
  /** Whether its standard input is a pipe; otherwise it is empty. */
  readonly input?: boolean;
}

/** Number of bytes of standard error output to keep. */
const KEPT_ERRORS = 16384;

/**
 * Whether children get a process group of their own. On Linux they do not: Deno forks for that, which takes 60 ms in a
 * process of 600 MB. Without it, 1 ms.
 */
const OWN_GROUP = Deno.build.os !== "windows" && Deno.build.os !== "linux";

/** Milliseconds in which a signal that has ended a child also reaches this process. */
const SIGNAL_DELAY = 100;

/**
 * A running child process. Its error output is always drained, and a crash never causes an unhandled rejection. The caller
 * must await `exit` or `kill()`.
 *
 * The program may be a script that runs ffmpeg as its own child, which holds the pipes too. Killing ends that child as
 * well where Deno permits it; in any case the pipes are closed, so that nothing waits for that child, and it ends when it
 * next uses them.
 *
 * Ctrl-C in a terminal, and service managers, send their signals to children too. If one seems to have ended the child,
 * `exit` resolves a little later, so that this process knows of the signal too and does not take it for a failure.
 */
export class Process {
  /** Resolves when the process has ended and its error output has been read; never rejects. */
  readonly exit: Promise<Exit>;
  /** Path of the program. */
  readonly program: string;
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #isKilled = false;
  #hasEnded = false;

  /** Wraps a child whose output and error streams are piped. */
  constructor(program: string, child: Deno.ChildProcess, { signal, input = false }: ProcessOptions) {
    this.program = program;
    this.#child = child;
    this.#reader = child.stdout.getReader();
    this.#reader.closed.catch(() => {});
    if (input) {
      this.#writer = child.stdin.getWriter();
      this.#writer.closed.catch(() => {});
    }
    const errorReader = child.stderr.getReader(), errors = drainErrors(errorReader);
    const onAbort = () => void this.kill();
    this.exit = (async () => {
      const status = await child.status;
      this.#hasEnded = true;
      if (this.#isKilled) await errorReader.cancel().catch(() => {});
      const exit = { code: status.code, signal: status.signal, errors: await errors };
      signal?.removeEventListener("abort", onAbort);
      if (!this.#isKilled && mayBeInterrupted(exit)) await new Promise((resolve) => setTimeout(resolve, SIGNAL_DELAY));
      return exit;
    })();
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
  }

  /** Yields the output in chunks, on demand. To stop early, call `kill`. */
  async *output(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      yield value;
    }
  }

  /**
   * Writes to the process; resolves when it can accept more.
   *
   * @throws {JobError} If the process has ended; the message contains its last error line.
   */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#writer) throw new TypeError("process: it was started without input");
    try {
      await this.#writer.write(bytes);
    } catch {
      throw processError(this.program, await this.exit);
    }
  }

  /** Closes the input of the process; does nothing if the process has ended. */
  async closeInput(): Promise<void> {
    await this.#writer?.close().catch(() => {});
  }

  /** Kills the process and waits until it has ended. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    const { pid } = this.#child;
    // The number of an ended process may belong to another one.
    const others = !mayKillOthers() || this.#hasEnded ? [] : OWN_GROUP ? [-pid] : stopDescendants(pid);
    // The script first: it would continue when its child ends.
    unlessEnded(() => this.#child.kill("SIGKILL"));
    for (const other of others) unlessEnded(() => Deno.kill(other, "SIGKILL"));
    await this.#writer?.abort().catch(() => {});
    await this.#reader.cancel().catch(() => {});
    await this.exit;
  }
}

/** Kills a process, which may have ended already. */
function unlessEnded(kill: () => void): void {
  try {
    kill();
  } catch {
    // It has.
  }
}

/** Returns whether this process may kill any other, which requires the permission to run any program. */
function mayKillOthers(): boolean {
  return Deno.build.os !== "windows" && Deno.permissions.querySync({ name: "run" }).state === "granted";
}

/**
 * Stops a process, so that it starts no others, and those that it has started. Returns the latter; none where Linux does
 * not list them.
 */
function stopDescendants(pid: number): number[] {
  let children: number[] = [];
  try {
    Deno.kill(pid, "SIGSTOP");
    const list = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
    children = list.split(" ").filter((text) => text !== "").map(Number);
  } catch {
    // Deno does not permit it, or the process has ended.
  }
  return children.flatMap((child) => [child, ...stopDescendants(child)]);
}

/** Returns whether Ctrl-C or SIGTERM may have ended a program: ffmpeg then has the code 255, and a shell 128 plus its number. */
function mayBeInterrupted({ code, signal }: Exit): boolean {
  return signal === "SIGINT" || signal === "SIGTERM" || [255, 130, 143].includes(code);
}

async function drainErrors(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text = (text + decoder.decode(value, { stream: true })).slice(-KEPT_ERRORS);
    }
  } catch {
    // A killed process may break its pipe. The lines read so far are used.
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
      detached: OWN_GROUP,
    }).spawn();
    return new Process(program, child, options);
  } catch (error) {
    throw new JobError(`${program}: cannot start the program: ${(error as Error).message}`, { code: "program-failed" });
  }
}

/** Creates the error for a failed process, with its last error line or the signal that killed it. */
export function processError(program: string, { code, signal, errors }: Exit, doing?: string): JobError {
  const what = `${program.replace(/^.*[\\/]/, "")}${doing ? `, ${doing},` : ""}`;
  if (signal) {
    return new JobError(`${what} was killed by signal ${signal}${errors.length ? `: ${lastError(errors)}` : ""}`, {
      code: "program-failed",
    });
  }
  return new JobError(`${what} failed${errors.length ? `: ${lastError(errors)}` : ` (exit code ${code})`}`, {
    code: "program-failed",
  });
}

/** Lines that ffmpeg prints after the cause of an error, without their prefix in brackets. */
const CONSEQUENCE = new RegExp(
  "^(Conversion failed!|Error while (opening|filtering|processing)|Error (initializing|sending|submitting|writing|closing|" +
    "opening|muxing|encoding)|Task finished with error|Terminating thread|Could not open encoder|Nothing was written|" +
    "Invalid argument$|Last message repeated|maybe incorrect parameters|Received (no|non|returned)|Could not write header)",
);

/** Disk errors in ffmpeg's error output. Up to 5.1 the exit code may be 0 despite one. */
const DISK = /No space left on device|Disk quota exceeded|File too large|Input\/output error|Read-only file system/;

/** Returns the disk error in ffmpeg's error output, or `undefined`. */
export function diskError(errors: readonly string[]): string | undefined {
  return errors.map((line) => DISK.exec(line)?.[0]).find((cause) => cause !== undefined);
}

/** Returns the cause in ffmpeg's error output: the last line that is not a consequence of another. */
export function lastError(errors: readonly string[]): string {
  const plain = errors.map((line) => line.replaceAll(/\[([^\]]*?) @ 0x[0-9a-f]+\]/g, "[$1]"));
  const cause = diskError(errors) ?? plain.findLast((line) => !CONSEQUENCE.test(line.replace(/^(\[[^\]]*\] )+/, ""))) ??
    plain.at(-1) ?? "it gave no reason";
  return cause.replace(/\.$/, "");
}

/** Exit and output of a program. */
export interface Output extends Exit {
  /** Its standard output. */
  readonly stdout: string;
}

/**
 * Runs a program and collects its output, which should be at most some megabytes.
 *
 * @param timeout Milliseconds after which it is killed; the result then has the signal.
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
