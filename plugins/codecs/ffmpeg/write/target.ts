import { fileReasonOf, UsageError } from "@slomo/core";
import { basename, dirname, extname, join } from "@std/path";

/**
 * Makes sure that a file may be written at `location`.
 *
 * @throws {UsageError} If its folder is missing, it is the source, or it exists and may not be replaced.
 */
export async function checkTarget(location: string, overwrite: boolean, source: string | undefined): Promise<void> {
  const folder = dirname(location);
  const parent = await Deno.stat(folder).catch(() => undefined);
  if (!parent?.isDirectory) {
    throw new UsageError(`${location}: cannot write the file: there is no folder ${folder}; create it first`);
  }
  const link = await Deno.lstat(location).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`${location}: cannot write the file: ${fileReasonOf(error)}`);
  });
  if (!link) return;
  const target = await Deno.stat(location).catch(() => link);
  if (target.isDirectory) {
    throw new UsageError(`${location}: cannot write the file: it is a folder; give the name of a file`);
  }
  if (!target.isFile && !target.isSymlink) {
    throw new UsageError(`${location}: cannot write the file: it is a pipe or a device; give the name of a file`);
  }
  if (source !== undefined && await isSameFile(location, source)) {
    throw new UsageError(`${location}: cannot write the file: it is the source; give the output another name`);
  }
  if (!overwrite) {
    throw new UsageError(`${location} exists; give another name, or set \`overwrite\` to replace it`, {
      code: "output-exists",
      option: "overwrite",
    });
  }
}

/**
 * Makes sure that files can be made in the folder of the target.
 *
 * @throws {UsageError} If it takes none.
 */
export async function checkFolder(location: string, folder: string = dirname(location)): Promise<void> {
  const path = temporaryPath(join(folder, "file"));
  try {
    (await Deno.open(path, { write: true, createNew: true })).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`${location}: cannot create files in ${folder}: ${fileReasonOf(error)}`);
  }
  await removeIfThere(path);
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

/** Most bytes of a name's beginning in a name made from it: file systems take 255 for the whole. */
const STEM = 200;

/** A name cut to {@linkcode STEM} bytes, between two characters. */
function shortened(name: string): string {
  let length = 0;
  return Array.from(name).filter((character) => (length += new TextEncoder().encode(character).length) <= STEM).join(
    "",
  );
}

/** The name under which a finished video is kept whose last step failed. */
export async function keptPath(location: string): Promise<string> {
  const ending = extname(location), stem = shortened(basename(location, ending));
  for (let number = 1;; number++) {
    const path = join(dirname(location), `${stem}.kept${number === 1 ? "" : `-${number}`}${ending}`);
    if (!await Deno.stat(path).catch(() => undefined)) return path;
  }
}

/** Removes a file that may not be there. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
