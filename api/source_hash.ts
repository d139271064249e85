import { scanSource } from "./scan_source.ts";

/** Returns the URL of an imported file of slomo or of a plugin; `undefined` for packages, which have versions. */
function fileOf(specifier: string, from: string): string | undefined {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, from).href;
  if (!specifier.startsWith("@slomo/")) return specifier.startsWith("file:") ? specifier : undefined;
  try {
    return import.meta.resolve(specifier);
  } catch {
    return undefined;
  }
}

/** Reads a local module. */
type ReadModule = (url: string) => Promise<string>;

const readModule: ReadModule = (url) => Deno.readTextFile(new URL(url)).catch(() => "");

/**
 * Returns the texts of local modules and of all local modules that they import, by URL. Modules from a registry are
 * omitted: their specifiers in the importing module identify them.
 *
 * @param entries URLs of modules.
 */
export async function collectSources(
  entries: readonly string[],
  read: ReadModule = readModule,
): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>(), waiting = entries.filter((entry) => entry.startsWith("file:"));
  for (let url: string | undefined; (url = waiting.pop()) !== undefined;) {
    if (sources.has(url)) continue;
    const text = await read(url);
    sources.set(url, text);
    for (const specifier of scanSource(url, text).imports) {
      const file = fileOf(specifier, url);
      if (file?.startsWith("file:") && !sources.has(file)) waiting.push(file);
    }
  }
  return sources;
}

/** Returns the SHA-256 of the modules that {@linkcode collectSources} finds, independent of their folder. */
export async function hashSources(entries: readonly string[], read?: ReadModule): Promise<string> {
  const texts = [...(await collectSources(entries, read)).values()].sort().join("\0");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(texts))).toHex();
}
