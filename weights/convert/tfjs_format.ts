import { z } from "zod";
import { JobError, type NamedTensor, UsageError } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";

const schema = z.object({
  weightsManifest: z.array(z.object({
    paths: z.array(z.string().regex(/^[^/\\]+$/)),
    weights: z.array(z.object({
      name: z.string(),
      shape: z.array(z.int().min(0)),
      dtype: z.string(),
      quantization: z.object({ dtype: z.string(), scale: z.number().optional(), min: z.number().optional() })
        .optional(),
    })),
  })),
});

type Weight = z.infer<typeof schema>["weightsManifest"][number]["weights"][number];

/** Bytes of one number by its type in the file. */
const SIZES: Readonly<Record<string, number>> = { float32: 4, float16: 2, uint16: 2, uint8: 1, int32: 4, bool: 1 };

function decode({ name, dtype, quantization }: Weight, data: ArrayBuffer, location: string): Float32Array {
  if (dtype !== "float32") {
    throw new UsageError(`${location}: "${name}" must be of type float32, got ${dtype}`, { code: "unsupported-model" });
  }
  if (!quantization) return new Float32Array(data);
  if (quantization.dtype === "float16") return new Float32Array(new Float16Array(data));
  const { scale = 1, min = 0 } = quantization;
  const codes = quantization.dtype === "uint8" ? new Uint8Array(data) : new Uint16Array(data);
  return Float32Array.from(codes, (code) => code * scale + min);
}

function parse(bytes: Uint8Array, location: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new JobError(`${location} is damaged: it is not a model.json with a weights manifest`, {
      code: "weights-damaged",
    });
  }
}

/** Key by which a `model.json` is recognized. It may come after a long topology. */
const KEY = '"weightsManifest"';

/** TensorFlow.js's `model.json`, with the weights in files beside it. */
export const tfjsFormat: SourceFormat = {
  accepts: (bytes) => bytes[0] === 0x7b && new TextDecoder().decode(bytes).includes(KEY),
  async open(bytes, location, sibling) {
    const tensors = new Map<string, () => NamedTensor>();
    for (const { paths, weights } of parse(bytes, location).weightsManifest) {
      const parts: Uint8Array[] = [];
      for (const path of paths) parts.push(await sibling(path));
      const data = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
      let at = 0;
      for (const weight of weights) {
        const { name, shape, dtype, quantization } = weight, size = SIZES[quantization?.dtype ?? dtype];
        if (size === undefined) {
          throw new UsageError(`${location}: "${name}" has the type ${dtype}, which is not supported`, {
            code: "unsupported-model",
          });
        }
        const begin = at, end = at += size * shape.reduce((product, length) => product * length, 1);
        if (end > data.length) {
          throw new JobError(`${location}: ${paths.join(", ")} is truncated at "${name}"`, { code: "weights-damaged" });
        }
        tensors.set(name, () => ({ shape, values: decode(weight, data.slice(begin, end).buffer, location) }));
      }
    }
    return { format: "tfjs", location, metadata: {}, precision: "F32", tensors };
  },
};
