import { sha256 } from "../files/sha256.ts";
import { scanSource } from "./scan_source.ts";

/** A file of a package, which its version identifies: in Deno's cache of npm packages or in `node_modules`. */
const OF_PACKAGE = /\/node_modules\/|\/npm\/[^/]+\.[^/]+\//;

/**
 * Returns the URL of the local file that a specifier leads to; `undefined` for packages, which have versions, and for remote
 * modules. In a clone of slomo, `jsr:@slomo/…` leads to a file.
 *
 * @param specifier As it is written.
 * @param from URL of the module that imports it, for relative specifiers.
 */
export function localFileOf(specifier: string, from?: string): string | undefined {
  try {
    const url = /^\.{0,2}\//.test(specifier) ? new URL(specifier, from).href : import.meta.resolve(specifier);
    return url.startsWith("file:") && !OF_PACKAGE.test(url) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a local module. */
export type ReadModule = (url: string) => Promise<string>;

const readModule: ReadModule = (url) => Deno.readTextFile(new URL(url)).catch(() => "");

/**
 * Returns the texts of local modules and of all local modules that they import, by URL. Modules from a registry are
 * omitted: their specifiers in the importing module identify them.
 *
 * @param entries Specifiers of modules.
 * @param read Reads a module. @default {reads the file; a missing one is empty}
 */
export async function collectSources(
  entries: readonly string[],
  read: ReadModule = readModule,
): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  const waiting = entries.map((entry) => localFileOf(entry)).filter((url) => url !== undefined);
  for (let url: string | undefined; (url = waiting.pop()) !== undefined;) {
    if (sources.has(url)) continue;
    const text = await read(url);
    sources.set(url, text);
    for (const specifier of scanSource(url, text).imports) {
      const file = localFileOf(specifier, url);
      if (file !== undefined && !sources.has(file)) waiting.push(file);
    }
  }
  return sources;
}

/**
 * Returns the SHA-256 of modules, independent of their folder.
 *
 * @param sources Texts of the modules, from {@linkcode collectSources}.
 */
export async function hashTexts(sources: ReadonlyMap<string, string>): Promise<string> {
  return await sha256([...sources.values()].sort().join("\0"));
}

/** Returns the SHA-256 of the modules that {@linkcode collectSources} finds, independent of their folder. */
export async function hashSources(entries: readonly string[], read?: ReadModule): Promise<string> {
  return await hashTexts(await collectSources(entries, read));
}
