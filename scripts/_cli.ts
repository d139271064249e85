/** How a script runs: errors become one line and an exit code, Ctrl-C an abort. */
import { fromFileUrl, join } from "@std/path";

const EXIT_BY_NAME: Readonly<Record<string, number>> = { UsageError: 2, JobError: 1 };

/** What a person reads of an error, and the exit code that says the same to a program. */
export function explain(error: unknown): { readonly message: string; readonly code: number } {
  // By name and not by class: a plugin may bring its own copy of @slomo/core.
  const known = error instanceof Error ? EXIT_BY_NAME[error.name] : undefined;
  const message = (error instanceof Error ? error.message || error.name : String(error)).trim();
  if (known !== undefined) return { message, code: known };
  return { message: `unexpected: ${message.split("\n", 1)[0]}`, code: 1 };
}

function fail(error: unknown): never {
  const { message, code } = explain(error);
  console.error(`slomo: ${message}`);
  if (Deno.env.get("SLOMO_DEBUG") === "1") console.error(error);
  Deno.exit(code);
}

/** `deno task` starts scripts in the repository; files are named from where the user stands. */
function settleIn(): void {
  const from = Deno.env.get("INIT_CWD"), root = fromFileUrl(new URL("../", import.meta.url));
  if (from !== undefined && join(Deno.cwd(), "/") === root) Deno.chdir(from);
  // Without it the graphics driver writes an error of its own to the terminal, at every start.
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

/**
 * Runs a script's `main` and ends the process: with 0, with 2 for a `UsageError`, with 1 for any other error, with 130
 * after Ctrl-C and 143 after SIGTERM. The first signal aborts the `AbortSignal` that `main` gets, so that it can tidy up;
 * a second one ends the process at once. `SLOMO_DEBUG=1` prints stacks.
 */
export async function runScript(main: (args: string[], signal: AbortSignal) => Promise<void>): Promise<never> {
  settleIn();
  const controller = new AbortController();
  let stopped = 0;
  const stop = (code: number) => () => {
    if (stopped) Deno.exit(code);
    stopped = code;
    controller.abort(new DOMException("stopped by a signal", "AbortError"));
  };
  Deno.addSignalListener("SIGINT", stop(130));
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop(143));
  const stray = (event: Event, error: unknown) => {
    event.preventDefault();
    if (!stopped) fail(error);
  };
  globalThis.addEventListener("unhandledrejection", (event) => stray(event, event.reason));
  globalThis.addEventListener("error", (event) => stray(event, event.error));
  try {
    await main(Deno.args, controller.signal);
  } catch (error) {
    if (!stopped) fail(error);
  }
  if (stopped) console.error("slomo: stopped");
  Deno.exit(stopped);
}
