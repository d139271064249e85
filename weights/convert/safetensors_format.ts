import { headerLength, LENGTH_BYTES, parseHeader } from "../header.ts";
import { openSafetensors, tensorValues } from "../safetensors.ts";
import type { SourceFormat } from "./source_format.ts";

/** Returns the metadata of a safetensors file, complete or not; `undefined` for other files. */
function safetensorsMetadata(bytes: Uint8Array): Readonly<Record<string, string>> | undefined {
  try {
    return parseHeader(bytes.slice(LENGTH_BYTES, LENGTH_BYTES + headerLength(bytes, "")), "").metadata;
  } catch {
    return undefined;
  }
}

/** Safetensors, F16 or F32. */
export const safetensorsFormat: SourceFormat = {
  accepts: (bytes) => safetensorsMetadata(bytes) !== undefined,
  open(bytes, location) {
    const file = openSafetensors(bytes, location), entries = [...file.tensors.values()];
    return {
      format: "safetensors",
      location,
      metadata: file.metadata,
      precision: entries.every(({ precision }) => precision === "F16") ? "F16" : "F32",
      tensors: new Map(entries.map((entry) => [
        entry.name,
        () => ({ shape: entry.shape, values: tensorValues(file, entry) }),
      ])),
    };
  },
};
