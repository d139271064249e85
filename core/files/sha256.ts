/**
 * Returns the SHA-256 of texts and bytes, one after another, in hexadecimal.
 *
 * @param parts Text, which counts as UTF-8, or bytes, which may be in shared memory.
 */
export async function sha256(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const encoder = new TextEncoder();
  const pieces = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  // Web Crypto takes one piece, and refuses shared memory.
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}
