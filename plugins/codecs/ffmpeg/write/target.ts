import { UsageError } from "@slomo/core";
import { basename, dirname, extname, join } from "@std/path";

/**
 * Makes sure that a file may be written at `location`.
 *
 * @throws {UsageError} If its folder is missing, it is the source, or it exists and may not be replaced.
 */
export async function checkTarget(location: string, overwrite: boolean, source: string | undefined): Promise<void> {
  const folder = dirname(location);
  const parent = await Deno.stat(folder).catch(() => undefined);
  if (!parent?.isDirectory) throw new UsageError(`${location}: there is no folder ${folder}; make it first`);
  const target = await Deno.stat(location).catch(() => undefined);
  if (!target) return;
  if (target.isDirectory) throw new UsageError(`${location} is a folder; give the name of a file`);
  if (source !== undefined && await isSameFile(location, source)) {
    throw new UsageError(`${location} is the source itself; give the output another name`);
  }
  if (!overwrite) throw new UsageError(`${location} exists; give another name, or --overwrite to replace it`);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => Deno.stat(path).catch(() => undefined)));
  if (!first || !second) return false;
  if (first.ino !== null && first.dev === second.dev && first.ino === second.ino) return true;
  return await Deno.realPath(a) === await Deno.realPath(b);
}

/** A name beside the target that nothing else has, short whatever the target's length. */
export function temporaryPath(location: string): string {
  const random = crypto.randomUUID().slice(0, 8);
  return join(dirname(location), `.slomo-${random}.partial`);
}

/** The name under which a finished film is kept whose last step failed. */
export async function keptPath(location: string): Promise<string> {
  const ending = extname(location), stem = basename(location, ending).slice(0, 100);
  for (let number = 1;; number++) {
    const path = join(dirname(location), `${stem}.kept${number === 1 ? "" : `-${number}`}${ending}`);
    if (!await Deno.stat(path).catch(() => undefined)) return path;
  }
}

/** Removes a file that may not be there. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
