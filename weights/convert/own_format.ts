import { FACTS_KEY } from "../facts.ts";
import { tensorValues } from "../safetensors.ts";
import { openWeights } from "../weights_file.ts";
import { safetensorsMetadata } from "./safetensors_metadata.ts";
import type { SourceFormat } from "./source_format.ts";

/** slomo's own weights files: to change the precision or the description. */
export const ownFormat: SourceFormat = {
  description: "slomo's own weights (safetensors)",
  accepts: (bytes) => safetensorsMetadata(bytes)?.[FACTS_KEY] !== undefined,
  read(bytes, location) {
    const file = openWeights(bytes, location);
    const entries = [...file.tensors.values()];
    return {
      facts: file.facts,
      tensors: new Map(entries.map((entry) => [entry.name, { shape: entry.shape, values: tensorValues(file, entry) }])),
      precision: entries.every(({ precision }) => precision === "F16") ? "F16" : "F32",
    };
  },
};
