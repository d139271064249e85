/** Runs tasks: errors become one line and an exit code, Ctrl-C an abort. */
import type { OptionTable } from "@slomo/core/options";
import { readEnvironment } from "@slomo/downloads";
import { exitAtOnce } from "@slomo/engine/exit";
import { SHIPPED_MANIFEST_URL } from "@slomo/slomo/shipped";
import { join, toFileUrl } from "@std/path";
import { type CommandDefinition, withFlags } from "./_options.ts";

/** Streams of a task and the signal that stops it: those of the process, or those of a test. */
export interface TaskIo {
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  err(line: string): void;
  /** Whether standard error is a terminal, on which a progress bar can be drawn. */
  readonly isTerminal: boolean;
  /** Stops the task, which then cleans up and ends. */
  readonly signal: AbortSignal;
}

/** A task of the command line. */
export interface Task {
  /** Its command line, or the command lines of its commands. */
  readonly commands: readonly CommandDefinition[];
  /** Runs the task. Returns its exit code, `undefined` for 0; throws on failure. */
  run(args: readonly string[], io: TaskIo): Promise<number | void>;
}

const EXIT_BY_NAME: Readonly<Record<string, number>> = { UsageError: 2, JobError: 1 };

/** Exit code of a program that was stopped by SIGINT. */
const INTERRUPTED = 130;

/**
 * Returns the message of an error for people, and the exit code for programs.
 *
 * @param options Options of the command line, which messages name in backticks.
 */
export function explain(
  error: unknown,
  options: OptionTable = {},
): { readonly message: string; readonly code: number } {
  // By name and not by class: a plugin may bring its own copy of @slomo/core.
  const known = error instanceof Error ? EXIT_BY_NAME[error.name] : undefined;
  const message = withFlags((error instanceof Error ? error.message || error.name : String(error)).trim(), options);
  if (known !== undefined) return { message, code: known };
  return { message: `unexpected error: ${message.split("\n", 1)[0]}`, code: 1 };
}

/** Returns the options of all commands of a task. */
function optionsOf({ commands }: Task): OptionTable {
  return Object.assign({}, ...commands.map(({ options }) => options));
}

/** Reports an error in one line, and returns its exit code. */
function report(error: unknown, task: Task, { err }: Pick<TaskIo, "err">): number {
  const { message, code } = explain(error, optionsOf(task));
  err(`slomo: ${message}`);
  if (readEnvironment("SLOMO_DEBUG") === "1") err(Deno.inspect(error));
  return code;
}

/**
 * Runs a task in this process. `SLOMO_DEBUG=1` prints stacks.
 *
 * @param args The arguments after the task's name.
 * @returns The exit code: 0, 2 for a `UsageError`, 1 for any other error, 130 after the signal.
 */
export async function runTask(task: Task, args: readonly string[], io: TaskIo): Promise<number> {
  let code = 0;
  try {
    code = await task.run(args, io) ?? 0;
  } catch (error) {
    if (!io.signal.aborted) code = report(error, task, io);
  }
  if (!io.signal.aborted) return code;
  io.err("slomo: stopped");
  return INTERRUPTED;
}

/** Changes to the user's current folder: `deno task` starts scripts in the root of the repository. */
function enterUserFolder(): void {
  const from = Deno.env.get("INIT_CWD"), root = new URL("./", SHIPPED_MANIFEST_URL);
  if (from !== undefined && toFileUrl(join(Deno.cwd(), "/")).href === root.href) Deno.chdir(from);
  // Without it the graphics driver writes an error to the terminal at every start.
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

/**
 * Runs a task with the arguments and streams of this process, and ends the process with its exit code: 130 after Ctrl-C,
 * 143 after SIGTERM. The first signal aborts the task, so that it can clean up; a second one ends the process at once.
 */
export async function runScript(task: Task): Promise<never> {
  const controller = new AbortController();
  const io: TaskIo = {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    isTerminal: Deno.stderr.isTerminal(),
    signal: controller.signal,
  };
  let stopped = 0;
  const stop = (code: number) => () => {
    if (stopped) exitAtOnce(code);
    stopped = code;
    controller.abort(new DOMException("stopped by a signal", "AbortError"));
  };
  Deno.addSignalListener("SIGINT", stop(INTERRUPTED));
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop(143));
  const onUnhandled = (event: Event, error: unknown) => {
    event.preventDefault();
    if (!stopped) exitAtOnce(report(error, task, io));
  };
  globalThis.addEventListener("unhandledrejection", (event) => onUnhandled(event, event.reason));
  globalThis.addEventListener("error", (event) => onUnhandled(event, event.error));
  const entered: Task = {
    ...task,
    run: (args, io) => {
      enterUserFolder();
      return task.run(args, io);
    },
  };
  const code = await runTask(entered, Deno.args, io);
  exitAtOnce(stopped || code);
}
