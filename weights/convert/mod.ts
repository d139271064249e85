/**
 * Conversion of other programs' model files to weights files. This package reads the formats; importers in plugins
 * convert the models.
 *
 * @module
 */
import { type ImportedWeights, type PartDefinition, type SlotName, UsageError } from "@slomo/core";
import { FACTS_KEY } from "../facts.ts";
import { openWeights } from "../weights_file.ts";
import { kerasFormat } from "./keras_format.ts";
import { convertByNames, type NameMap } from "./name_map.ts";
import { npzFormat } from "./npz_format.ts";
import { onnxFormat } from "./onnx_format.ts";
import { safetensorsFormat } from "./safetensors_format.ts";
import type { ConvertedModel, OpenModelFile, ReadSibling, SourceFormat } from "./source_format.ts";
import { tfjsFormat } from "./tfjs_format.ts";
import { torchFormat } from "./torch_format.ts";

export { addDifference, subtractWeights } from "./difference.ts";
export { type FilterLayout, type NameMap, type NameRule, parseNameMap } from "./name_map.ts";
export { type FactsOverlay, overlayFacts, parseOverlay } from "./overlay.ts";
export type { ConvertedModel, ReadSibling } from "./source_format.ts";

const FORMATS: readonly SourceFormat[] = [
  safetensorsFormat,
  torchFormat,
  kerasFormat,
  npzFormat,
  tfjsFormat,
  onnxFormat,
];

const OWN = "slomo's own weights (safetensors)";

/** Formats by their names, with an article, for errors. */
const FORMAT_NAMES: Readonly<Record<OpenModelFile["format"], string>> = {
  safetensors: "a safetensors file",
  torch: "a PyTorch file",
  keras: "a Keras file",
  npz: "an npz file",
  tfjs: "a TensorFlow.js model",
  onnx: "an ONNX file",
};

/** Number of names that an error shows. */
const NAMES_SHOWN = 3;

function describe(bytes: Uint8Array, file: OpenModelFile | undefined): string {
  if (bytes.length === 0) return "an empty file";
  if (file?.format === "safetensors") {
    const entries = Object.entries(file.metadata).map(([key, value]) => `${key} "${value.slice(0, 40)}"`);
    return `${FORMAT_NAMES.safetensors} with ${entries.slice(0, 4).join(", ") || "no metadata"}`;
  }
  if (file) {
    const names = [...file.tensors.keys()];
    const shown = names.slice(0, NAMES_SHOWN).join(", ") + (names.length > NAMES_SHOWN ? ", …" : "");
    return `${FORMAT_NAMES[file.format]} with ${names.length} tensors (${shown || "none"})`;
  }
  const start = [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `a file of ${bytes.length} bytes that begins with ${start}`;
}

function readOwn(bytes: Uint8Array, location: string, file: OpenModelFile): ConvertedModel {
  const tensors = new Map([...file.tensors].map(([name, read]) => [name, read()]));
  return { facts: openWeights(bytes, location).facts, tensors, precision: file.precision };
}

/** Converts the file with the importers of the parts: for each slot, with the first that recognizes the file. */
function importModel(parts: readonly PartDefinition[], file: OpenModelFile): ConvertedModel | undefined {
  const imported = new Map<SlotName, { readonly name: string; readonly weights: ImportedWeights }>();
  for (const { slot, name, importers = [] } of parts) {
    for (const importer of importers) {
      const weights = imported.has(slot) ? undefined : importer.convert(file);
      if (weights) imported.set(slot, { name, weights });
    }
  }
  const [first] = imported.values();
  if (first === undefined) return undefined;
  const architecture = (slot: "flowEstimator" | "interpolator") => {
    const { name, weights } = imported.get(slot) ?? {};
    return name !== undefined && weights?.options ? { [slot]: { name, options: weights.options } } : {};
  };
  return {
    facts: {
      version: 1,
      ...architecture("flowEstimator"),
      ...architecture("interpolator"),
      ...first.weights.facts,
    },
    tensors: new Map([...imported.values()].flatMap(({ weights }) => [...weights.tensors])),
    precision: file.precision,
  };
}

/** Opens a model file in the format that its bytes have; `undefined` for other files. */
async function openFile(bytes: Uint8Array, location: string, sibling: ReadSibling): Promise<OpenModelFile | undefined> {
  return await FORMATS.find(({ accepts }) => accepts(bytes))?.open(bytes, location, sibling);
}

/** Refuses to read files beside the model. */
const noSibling = (location: string): ReadSibling => (name) =>
  Promise.reject(new UsageError(`${location} needs ${name} beside it`, { code: "input-not-found" }));

/**
 * Reads a weights file, or a model of another program that a part's importer recognizes.
 *
 * @param location Name of the file, for errors.
 * @param parts Parts whose importers are tried, in this order.
 * @param sibling Reads the files beside it, for a model of several files.
 * @returns The model, with the description and the tensors of a weights file.
 * @throws {UsageError} If no importer recognizes it; the message names the format found and the models that can be converted.
 * @throws {JobError} If it is truncated or damaged.
 */
export async function readModel(
  bytes: Uint8Array,
  location: string,
  parts: readonly PartDefinition[],
  sibling: ReadSibling = noSibling(location),
): Promise<ConvertedModel> {
  const file = await openFile(bytes, location, sibling);
  try {
    if (file?.metadata[FACTS_KEY] !== undefined) return readOwn(bytes, location, file);
    const model = file && importModel(parts, file);
    if (model) return model;
    const known = parts.flatMap(({ importers = [] }) => importers.map(({ description }) => description));
    throw new UsageError(
      `${location}: found ${describe(bytes, file)}; slomo converts these: ${[...new Set([OWN, ...known])].join("; ")}`,
      { code: "unsupported-model" },
    );
  } finally {
    file?.close?.();
  }
}

/**
 * Reads a model of another program with a map of names, for a network that no part's importer recognizes.
 *
 * @param location Name of the file, for errors.
 * @param map Names and layouts of the tensors.
 * @param part Name of the part that the weights are for.
 * @param sibling Reads the files beside it, for a model of several files.
 * @returns The model, with the description and the tensors of a weights file.
 * @throws {UsageError} If the file has no known format, or does not suit the map.
 * @throws {JobError} If it is truncated or damaged.
 */
export async function readModelByNames(
  bytes: Uint8Array,
  location: string,
  map: NameMap,
  part: string,
  sibling: ReadSibling = noSibling(location),
): Promise<ConvertedModel> {
  const file = await openFile(bytes, location, sibling);
  try {
    if (file) return convertByNames(file, map, part);
    throw new UsageError(`${location}: found ${describe(bytes, file)}, whose tensors have no names`, {
      code: "unsupported-model",
    });
  } finally {
    file?.close?.();
  }
}
