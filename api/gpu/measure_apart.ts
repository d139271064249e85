import { reasonOf, UsageError } from "@slomo/core";
import type { DeviceMeasurement, MeasureRequest } from "@slomo/engine";

/** Time limit of a measurement: the first pair on a GPU compiles shaders, which takes up to half a minute. */
const LIMIT = 120_000;

/** Environment variables that the child may read: those of the libraries that it loads. */
const VARIABLES = "HOME USERPROFILE LOCALAPPDATA PATH XDG_* CUDA_* TF_* DENO_* SLOMO_*".split(" ");

/** Begins the line with the result in the child's output. */
export const RESULT = "slomo measured ";

/** A request as the child reads it: one line of JSON; the bytes of the weights follow. */
export interface WrittenRequest extends Omit<MeasureRequest, "toolkit" | "weights" | "frame"> {
  /** Names the plugins and their parts. */
  readonly manifest: MeasureRequest["toolkit"]["manifest"];
  /** Whether the networks have weights. */
  readonly hasWeights: boolean;
}

/** How the child is started. */
export interface ChildOptions {
  /** The program and its arguments. @default {Deno with the module of this package that measures} */
  readonly command?: readonly [program: string, ...args: readonly string[]] | undefined;
  /** Ends the child. @default {after two minutes} */
  readonly limit?: AbortSignal | undefined;
}

/** Returns the servers of remote plugins, which the child may import from. */
function hostsOf(plugins: readonly string[]): string[] {
  const urls = plugins.flatMap((specifier) => /^https?:/.test(specifier) ? [new URL(specifier)] : []);
  return urls.map(({ host, port, protocol }) => port ? host : `${host}:${protocol === "http:" ? 80 : 443}`);
}

/** Returns the command line of the child. It may read files and load libraries, and nothing else. */
export function commandFor({ toolkit }: Pick<MeasureRequest, "toolkit">): [string, ...string[]] {
  const servers = new Set(["jsr.io:443", ...hostsOf(toolkit.manifest.plugins)]);
  return [
    Deno.execPath(),
    ...["run", "--quiet", "--no-prompt", "--allow-read", "--allow-ffi"],
    ...[`--allow-env=${VARIABLES.join(",")}`, `--allow-import=${[...servers].join(",")}`],
    new URL("./measure.ts", import.meta.url).href,
  ];
}

async function send(child: Deno.ChildProcess, request: MeasureRequest): Promise<void> {
  const { toolkit: { manifest }, weights, frame: _, ...rest } = request;
  const written: WrittenRequest = { ...rest, manifest, hasWeights: weights !== undefined };
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${JSON.stringify(written)}\n`));
  // Pipes refuse shared memory.
  if (weights) await writer.write(new Uint8Array(weights.bytes));
  await writer.close();
}

/** Ends a child that may have ended. */
function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

/** @throws {UsageError} If the process may not be started. */
function start([program, ...args]: readonly [string, ...string[]]): Deno.ChildProcess {
  const refused = (why: string) =>
    new UsageError(`it cannot be measured: ${why}, or set \`device\``, { option: "device" });
  // A compiled program is its own Deno, and would start itself.
  if (Deno.build.standalone) throw refused("a compiled program cannot start Deno; set `selectDevice`");
  if (Deno.permissions.querySync({ name: "run", command: program }).state !== "granted") {
    throw refused("this process may not start Deno; run with --allow-run=deno");
  }
  try {
    // Drivers write messages to standard error, also if they work.
    return new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  } catch (error) {
    throw refused(`Deno does not start: ${reasonOf(error)}; check ${program}`);
  }
}

/** Returns the result in a child's output, which drivers may write to as well; `undefined` without one. */
function resultIn(output: string): DeviceMeasurement | { readonly failure: string } | undefined {
  const line = output.split("\n").findLast((text) => text.startsWith(RESULT));
  return line && JSON.parse(line.slice(RESULT.length));
}

/**
 * Measures a device in a separate process, which may read files and load native libraries, but neither writes files, starts
 * programs nor reaches the network. A driver that crashes takes only that process along, and one that hangs is ended with it.
 *
 * @returns The measurement, or why the device does not work.
 * @throws {UsageError} If the process may not be started.
 */
export async function measureApart(
  request: MeasureRequest,
  { command = commandFor(request), limit = AbortSignal.timeout(LIMIT) }: ChildOptions = {},
): Promise<DeviceMeasurement | { readonly failure: string }> {
  const child = start(command);
  const { promise: late, resolve: expire } = Promise.withResolvers<undefined>();
  const stop = () => expire(undefined);
  limit.addEventListener("abort", stop);
  if (limit.aborted) stop();
  try {
    // A child that ends early does not read the whole request.
    const output = child.output(), sent = send(child, request).catch(() => {});
    const ended = await Promise.race([output, late]);
    if (ended === undefined) return { failure: "its driver does not answer" };
    await sent;
    const result = ended.success ? resultIn(new TextDecoder().decode(ended.stdout)) : undefined;
    if (result) return result;
    return { failure: `its driver or library ends the process with ${ended.signal ?? `exit code ${ended.code}`}` };
  } finally {
    limit.removeEventListener("abort", stop);
    end(child);
  }
}
