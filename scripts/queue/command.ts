/** Commands in a queue: options that a submitter may choose, and those that workers accept. */
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import { isInsideObject } from "@slomo/storage/locations";
import { resolve } from "@std/path";
import type { InterpolateCommand, InterpolateValues, Target } from "../interpolate/options.ts";
import { readCommand, storeCommand, STORED, type StoredCommand } from "../segments/command.ts";

/** The folder that locations are relative to: they are absolute, and the same on all machines. */
const ROOT = resolve("/");

/** Options that workers choose themselves: code, weights and devices. */
const OF_WORKERS = ["manifest", "weights", "backend", "device"] as const;

/**
 * Returns a command for the queue.
 *
 * @throws {UsageError} If it has an option that workers choose.
 */
export function queueCommand(target: Target, command: Pick<InterpolateCommand, "options">): StoredCommand {
  for (const option of OF_WORKERS) {
    if (command.options[option] === undefined) continue;
    throw new UsageError(
      `\`${option}\` cannot be combined with \`queue\`: workers choose it; set it where they start`,
      { option },
    );
  }
  return storeCommand(ROOT, target, command);
}

/**
 * Reads a command from the queue, which may come from anyone who can write to it.
 *
 * @param own Options of the worker.
 * @param roots Folders that may be read and written.
 * @throws {UsageError} If it has an unknown option or a wrong value, or a location outside the roots.
 */
export async function workerCommand(
  command: unknown,
  own: Partial<InterpolateValues>,
  roots: readonly string[],
): Promise<InterpolateCommand & { readonly videos: Target }> {
  const { options } = command as { readonly options?: Readonly<Record<string, unknown>> };
  for (const option of OF_WORKERS) {
    if (options?.[option] !== undefined) {
      throw new UsageError(`queue: the option "${option}" of a job is not accepted: the worker chooses it`);
    }
  }
  const read = readCommand(ROOT, command, own), { videos: { input, output } } = read;
  const chosen: Readonly<Record<string, unknown>> = read.options;
  const paths = Object.keys(options ?? {}).filter((name) => STORED[name]?.kind === "path").map((name) => chosen[name]);
  for (const location of [input, output]) {
    if (isObjectLocation(location)) checkObjectRoot(location, roots);
    else await checkRoot(location, roots);
  }
  for (const path of paths) await checkRoot(String(path), roots);
  return read;
}

/** Returns the real path of a file, or that of its nearest existing folder. */
async function realPlace(path: string): Promise<string> {
  const real = await Deno.realPath(path).catch(() => undefined), parent = resolve(path, "..");
  return real ?? (parent === path ? path : await realPlace(parent));
}

async function checkRoot(path: string, roots: readonly string[]): Promise<void> {
  const place = await realPlace(resolve(path));
  for (const root of roots.filter((root) => !isObjectLocation(root))) {
    const real = await Deno.realPath(root).catch(() => undefined);
    if (
      real !== undefined &&
      (place === real || place.startsWith(real.replace(/[/\\]?$/, place.includes("\\") ? "\\" : "/")))
    ) return;
  }
  throw outside(path);
}

/** @throws {UsageError} If an object is in none of the roots, or its location is not valid. */
function checkObjectRoot(location: string, roots: readonly string[]): void {
  if (!roots.filter(isObjectLocation).some((root) => isInsideObject(location, root))) throw outside(location);
}

function outside(location: string): UsageError {
  return new UsageError(
    `queue: ${location} is outside the folders that this worker may use; start it with another \`allowRoot\``,
    { option: "allowRoot" },
  );
}
