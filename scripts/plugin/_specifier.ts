import { UsageError } from "@slomo/core";
import { dirname, fromFileUrl, join, relative, resolve, toFileUrl } from "@std/path";

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** Returns the path of the module that the `deno.json` of a package exports. */
async function mainModule(folder: string, shown: string): Promise<string> {
  try {
    const { exports } = JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
    const main: unknown = typeof exports === "string" ? exports : exports["."];
    if (typeof main === "string") return join(folder, main);
  } catch {
    // The error below covers a missing file, too.
  }
  throw new UsageError(`${shown} is a folder without a deno.json that exports a module; name the module itself`);
}

/**
 * Returns the specifier for an argument of the command line: a file or the folder of a package becomes a `file:` URL.
 *
 * @throws {UsageError} If the file does not exist, or the folder is not a package.
 */
export async function resolveSpecifier(argument: string): Promise<string> {
  if (SCHEME.test(argument) && !/^[a-z]:[\\/]/i.test(argument)) return argument;
  const path = resolve(argument);
  const { isDirectory } = await Deno.stat(path).catch(() => {
    throw new UsageError(`there is no plugin ${argument}; give jsr:, npm:, https: or the path of a module or package`);
  });
  return toFileUrl(isDirectory ? await mainModule(path, argument) : path).href;
}

/** Returns the specifier to write into a manifest: for a file, its path relative to the manifest. */
export function manifestSpecifier(manifest: URL, specifier: string): string {
  if (!specifier.startsWith("file:")) return specifier;
  const path = relative(dirname(fromFileUrl(manifest)), fromFileUrl(specifier)).replaceAll("\\", "/");
  return path.startsWith(".") || path.startsWith("/") ? path : `./${path}`;
}
