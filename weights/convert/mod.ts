/**
 * Weights files from models of others.
 *
 * @module
 */
import { UsageError } from "@slomo/core";
import { kerasFormat } from "./keras_format.ts";
import { npzFormat } from "./npz_format.ts";
import { onnxFormat } from "./onnx_format.ts";
import { ownFormat } from "./own_format.ts";
import { pytorchTwin } from "./pytorch_twin.ts";
import { safetensorsMetadata } from "./safetensors_metadata.ts";
import type { ConvertedModel, ReadSibling, SourceFormat } from "./source_format.ts";
import { tfjsFormat } from "./tfjs_format.ts";
import { torchFormat } from "./torch_format.ts";

export { type FactsOverlay, overlayFacts, parseOverlay } from "./overlay.ts";
export type { ConvertedModel, ReadSibling, SourceFormat } from "./source_format.ts";

/** The kinds of file that {@linkcode readModel} knows. */
export const SOURCE_FORMATS: readonly SourceFormat[] = [
  ownFormat,
  pytorchTwin,
  torchFormat,
  kerasFormat,
  npzFormat,
  tfjsFormat,
  onnxFormat,
];

function describe(bytes: Uint8Array): string {
  const metadata = safetensorsMetadata(bytes);
  if (metadata) {
    const entries = Object.entries(metadata).map(([key, value]) => `${key} "${value.slice(0, 40)}"`);
    return `a safetensors file with ${entries.slice(0, 4).join(", ") || "no metadata"}`;
  }
  const start = [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length === 0 ? "an empty file" : `a file of ${bytes.length} bytes that begins with ${start}`;
}

/**
 * Reads a model of any known kind.
 *
 * @param location Name of the file for errors.
 * @param sibling Reads the files beside it, for a model that is more than one.
 * @throws {UsageError} If it is of no known kind: says what was found and what is known.
 * @throws {JobError} If it is truncated or damaged.
 */
export async function readModel(
  bytes: Uint8Array,
  location: string,
  sibling: ReadSibling = (name) => Promise.reject(new UsageError(`${location} needs ${name} beside it`)),
): Promise<ConvertedModel> {
  const format = SOURCE_FORMATS.find((candidate) => candidate.accepts(bytes));
  if (format) return await format.read(bytes, location, sibling);
  const known = SOURCE_FORMATS.map(({ description }) => description).join("; ");
  throw new UsageError(`${location}: found ${describe(bytes)}; what can be converted is: ${known}`);
}
