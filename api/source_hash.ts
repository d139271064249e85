import { scanSource } from "./scan_source.ts";

/** The file that a module imports, where it is one of ours or a plugin's; `undefined` for packages, which have versions. */
function fileOf(specifier: string, from: string): string | undefined {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, from).href;
  if (!specifier.startsWith("@slomo/")) return specifier.startsWith("file:") ? specifier : undefined;
  try {
    return import.meta.resolve(specifier);
  } catch {
    return undefined;
  }
}

/**
 * A check sum of local modules and all local modules that they import. What comes from a registry is known by its specifier,
 * which stands in the importing module.
 *
 * @param entries URLs of modules; those that are no files are left out.
 */
export async function hashSources(entries: readonly string[]): Promise<string> {
  const found = new Map<string, string>(), waiting = entries.filter((entry) => entry.startsWith("file:"));
  for (let url: string | undefined; (url = waiting.pop()) !== undefined;) {
    if (found.has(url)) continue;
    const text = await Deno.readTextFile(new URL(url)).catch(() => "");
    found.set(url, text);
    for (const specifier of scanSource(url, text).imports) {
      const file = fileOf(specifier, url);
      if (file?.startsWith("file:") && !found.has(file)) waiting.push(file);
    }
  }
  // By their texts alone: a copy of slomo in another folder is the same slomo.
  const texts = [...found.values()].sort().join("\0");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(texts))).toHex();
}
