/** Locations that are not paths: objects in a storage, and addresses that this process serves. */

/** Returns whether a location is in an object storage: whether it begins with `s3://`. */
export function isObjectLocation(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/** Fingerprints of served locations. */
const SERVED = new Map<string, string>();

/**
 * Registers a location that this process serves over HTTP, such as an object of a storage. Media handlers read it
 * as it is; other addresses are refused.
 *
 * @param location Its URL.
 * @param fingerprint Text that changes with its content.
 * @returns Removes the registration when it is disposed.
 *
 * @example
 * ```ts
 * import { registerServed, servedFingerprint } from "@slomo/core/files";
 * import assert from "node:assert/strict";
 *
 * {
 *   using _ = registerServed("http://127.0.0.1:4000/in.mp4", "12 bytes");
 *   assert.equal(servedFingerprint("http://127.0.0.1:4000/in.mp4"), "12 bytes");
 * }
 * assert.equal(servedFingerprint("http://127.0.0.1:4000/in.mp4"), undefined);
 * ```
 */
export function registerServed(location: string, fingerprint: string): Disposable {
  SERVED.set(location, fingerprint);
  return { [Symbol.dispose]: () => void SERVED.delete(location) };
}

/** Returns the fingerprint of a location that this process serves; `undefined` for all others. */
export function servedFingerprint(location: string): string | undefined {
  return SERVED.get(location);
}
