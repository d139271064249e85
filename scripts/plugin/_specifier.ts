import { UsageError } from "@slomo/core";
import { dirname, fromFileUrl, join, relative, resolve, toFileUrl } from "@std/path";

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** The module that a package's `deno.json` exports. */
async function mainOf(folder: string, shown: string): Promise<string> {
  try {
    const { exports } = JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
    const main: unknown = typeof exports === "string" ? exports : exports["."];
    if (typeof main === "string") return join(folder, main);
  } catch {
    // Falls through to what is said of a package that exports nothing.
  }
  throw new UsageError(`${shown} is a folder without a deno.json that exports a module; name the module itself`);
}

/**
 * The specifier that a person means: a file or a package's folder becomes a `file:` URL.
 *
 * @throws {UsageError} If it is none, or there is no such file.
 */
export async function meantSpecifier(given: string): Promise<string> {
  if (SCHEME.test(given) && !/^[a-z]:[\\/]/i.test(given)) return given;
  const path = resolve(given);
  const { isDirectory } = await Deno.stat(path).catch(() => {
    throw new UsageError(`there is no plugin ${given}; give jsr:, npm:, https: or the path of a module or package`);
  });
  return toFileUrl(isDirectory ? await mainOf(path, given) : path).href;
}

/** A specifier as it stands in a manifest: files by their path from it. */
export function writtenIn(manifest: URL, specifier: string): string {
  if (!specifier.startsWith("file:")) return specifier;
  const path = relative(dirname(fromFileUrl(manifest)), fromFileUrl(specifier)).replaceAll("\\", "/");
  return path.startsWith(".") || path.startsWith("/") ? path : `./${path}`;
}
