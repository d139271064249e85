import { createHash } from "node:crypto";

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

/** Returns the SHA-256 of text or of bytes, which may be in shared memory, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * Returns the facts of local modules and of all local modules that they import.
 *
 * @param entries Specifiers of modules.
 */
export async function sourceFacts(entries: readonly string[]): Promise<SourceFact[]> {
  // Loaded only here: graphs from the cache need no scan.
  const { collectSources } = await import("@slomo/core/sources");
  return [...await collectSources(entries)].map(([url, text]) => {
    const { size, mtime } = Deno.statSync(new URL(url));
    return { url, bytes: size, modified: mtime?.getTime() ?? null, sha256: sha256(text) };
  });
}

function isUnchanged({ url, bytes, modified, sha256: expected }: SourceFact): boolean {
  const { size, mtime } = Deno.statSync(new URL(url));
  if (size !== bytes) return false;
  // A checkout changes times and not content.
  return modified !== null && mtime?.getTime() === modified || sha256(Deno.readFileSync(new URL(url))) === expected;
}

/**
 * Returns whether all files exist and have the same content. It asks for one file after the other, which takes a fifth of
 * the time of asynchronous calls.
 */
export function areUnchanged(facts: readonly SourceFact[]): boolean {
  try {
    return facts.every(isUnchanged);
  } catch {
    return false;
  }
}
