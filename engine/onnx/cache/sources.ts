/** A local source file as it was when it was used. */
export interface SourceFact {
  /** URL of the file. */
  readonly url: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** Time of its last modification, in milliseconds; `null` if the file system has none. */
  readonly modified: number | null;
  /** SHA-256 of its content. */
  readonly sha256: string;
}

/** Returns the SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Returns the facts of local modules and of all local modules that they import.
 *
 * @param entries Specifiers of modules.
 */
export async function sourceFacts(entries: readonly string[]): Promise<SourceFact[]> {
  // Loaded only here: graphs from the cache need no scan.
  const { collectSources } = await import("@slomo/core/sources");
  const sources = await collectSources(entries), encoder = new TextEncoder();
  return await Promise.all([...sources].map(async ([url, text]) => {
    const { size, mtime } = await Deno.stat(new URL(url));
    return { url, bytes: size, modified: mtime?.getTime() ?? null, sha256: await sha256(encoder.encode(text)) };
  }));
}

async function isUnchanged({ url, bytes, modified, sha256: expected }: SourceFact): Promise<boolean> {
  const { size, mtime } = await Deno.stat(new URL(url));
  if (size !== bytes) return false;
  // A checkout changes times and not content.
  return modified !== null && mtime?.getTime() === modified ||
    await sha256(await Deno.readFile(new URL(url))) === expected;
}

/** Returns whether all files exist and have the same content. */
export async function areUnchanged(facts: readonly SourceFact[]): Promise<boolean> {
  try {
    return (await Promise.all(facts.map(isUnchanged))).every((isSame) => isSame);
  } catch {
    return false;
  }
}
