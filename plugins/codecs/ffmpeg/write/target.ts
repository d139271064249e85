import { fileReasonOf, UsageError } from "@slomo/core";
import { basename, dirname, extname, join } from "@std/path";

/**
 * Checks that a file may be written to `location`.
 *
 * @throws {UsageError} If its folder is missing, it is the source, or it exists and may not be replaced.
 */
export async function checkTarget(location: string, overwrite: boolean, source: string | undefined): Promise<void> {
  const folder = dirname(location);
  const parent = await Deno.stat(folder).catch(() => undefined);
  if (!parent?.isDirectory) {
    throw new UsageError(`${location}: cannot write the file: there is no folder ${folder}; create it first`, {
      code: "output-unwritable",
    });
  }
  const link = await Deno.lstat(location).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`${location}: cannot write the file: ${fileReasonOf(error)}`, { code: "output-unwritable" });
  });
  if (!link) return;
  const target = await Deno.stat(location).catch(() => link);
  if (target.isDirectory) {
    throw new UsageError(`${location}: cannot write the file: it is a folder; give the name of a file`, {
      code: "output-unwritable",
    });
  }
  if (!target.isFile && !target.isSymlink) {
    throw new UsageError(`${location}: cannot write the file: it is a pipe or a device; give the name of a file`, {
      code: "output-unwritable",
    });
  }
  if (source !== undefined && await isSameFile(location, source)) {
    throw new UsageError(`${location}: cannot write the file: it is the source; give the output another name`, {
      code: "output-unwritable",
    });
  }
  if (!overwrite) {
    throw new UsageError(`${location} exists; give another name, or set \`overwrite\` to replace it`, {
      code: "output-exists",
      option: "overwrite",
    });
  }
}

/**
 * Checks that files can be created in the folder of the target.
 *
 * @throws {UsageError} If they cannot.
 */
export async function checkFolder(location: string, folder: string = dirname(location)): Promise<void> {
  const path = temporaryPath(join(folder, "file"));
  try {
    (await Deno.open(path, { write: true, createNew: true })).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`${location}: cannot create files in ${folder}: ${fileReasonOf(error)}`, {
      code: "output-unwritable",
    });
  }
  await removeIfThere(path);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => Deno.stat(path).catch(() => undefined)));
  if (!first || !second) return false;
  if (first.ino !== null && first.dev === second.dev && first.ino === second.ino) return true;
  return await Deno.realPath(a) === await Deno.realPath(b);
}

/** Returns a unique, short path beside the target. */
export function temporaryPath(location: string): string {
  const random = crypto.randomUUID().slice(0, 8);
  return join(dirname(location), `.slomo-${random}.partial`);
}

/** Maximum length of a name's stem in bytes. File systems allow 255 for the name. */
const STEM = 200;

/** Truncates a name to {@linkcode STEM} bytes, between two characters. */
function shortened(name: string): string {
  let length = 0;
  return Array.from(name).filter((character) => (length += new TextEncoder().encode(character).length) <= STEM).join(
    "",
  );
}

/** Returns the path under which a finished video is kept if the last step failed. */
export async function keptPath(location: string): Promise<string> {
  const ending = extname(location), stem = shortened(basename(location, ending));
  for (let number = 1;; number++) {
    const path = join(dirname(location), `${stem}.kept${number === 1 ? "" : `-${number}`}${ending}`);
    if (!await Deno.stat(path).catch(() => undefined)) return path;
  }
}

/** Removes a file if it exists. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
