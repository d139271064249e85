import { headerLength, LENGTH_BYTES, parseHeader } from "../header.ts";

/** Metadata of a safetensors file, whole or not; `undefined` where the bytes are no such file. */
export function safetensorsMetadata(bytes: Uint8Array): Readonly<Record<string, string>> | undefined {
  try {
    return parseHeader(bytes.slice(LENGTH_BYTES, LENGTH_BYTES + headerLength(bytes, "")), "").metadata;
  } catch {
    return undefined;
  }
}
