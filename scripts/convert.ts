/** `deno task convert`: converts models of other programs to weights files. */
import type { OptionTable } from "@slomo/core/options";
import type { Toolkit } from "@slomo/core/manifest";
import {
  type ConvertedModel,
  overlayFacts,
  parseNameMap,
  parseOverlay,
  readModel,
  readModelByNames,
  subtractWeights,
} from "@slomo/weights/convert";
import { checkParameters, openWeights, type Precision, type WeightsFile, writeWeights } from "@slomo/weights";
import { UsageError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { dirname, join } from "@std/path";
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { type CommandDefinition, parseCommand, SHARED_OPTIONS } from "./_options.ts";
import { narrowModel } from "./convert/narrow_model.ts";
import { openToolkit } from "./_toolkit.ts";
import { checkTarget } from "./_target.ts";

const OPTIONS = {
  width: {
    ...{ kind: "number", min: 0, max: 4, isAboveMin: true, value: "W", group: "Output", default: "the width of IN" },
    help:
      "Keep the channels with the largest weights, down to W times the channel counts of the paper, as a start for training",
  },
  half: { kind: "switch", group: "Output", excludes: ["float32"], help: "Write float16 numbers" },
  float32: { kind: "switch", group: "Output", help: "Write float32 numbers", default: "the format of IN" },
  facts: {
    ...{ kind: "path", value: "FILE", group: "Output" },
    help: 'Record "training", "license" and options of the parts from a JSON file',
  },
  subtract: {
    ...{ kind: "path", value: "FILE", group: "Output" },
    help: "Write the differences to the weights in FILE, from which IN was fine-tuned, for a registry of models",
  },
  overwrite: SHARED_OPTIONS.overwrite,
  part: {
    ...{ kind: "text", value: "NAME", group: "Input", default: "all that recognize IN" },
    help: "Convert with the importers of the parts named NAME only, such as super-slomo or rife",
  },
  map: {
    ...{ kind: "path", value: "FILE", group: "Input", excludes: ["width"] },
    help: "Convert a network that has no importer, for `part`, with the names and layouts in a JSON file",
  },
  manifest: { ...SHARED_OPTIONS.manifest, group: "Input", help: "Import models with the plugins of the manifest FILE" },
  allowPlugins: { ...SHARED_OPTIONS.allowPlugins, group: "Input" },
} as const satisfies OptionTable;

const CONVERT: CommandDefinition<typeof OPTIONS> = {
  name: "convert",
  usage: ["IN OUT [options]"],
  about:
    "Converts a model of another program, or of slomo, to a weights file: SuperSloMo.ckpt, RIFE 4.25, VGG16 or VGG19 of PyTorch, " +
    "Keras, NumPy or TensorFlow.js, and everything else that the manifest's plugins can import. See docs/weights.md.",
  options: OPTIONS,
};

async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Input of a conversion. */
interface ConvertInput {
  readonly input: string;
  readonly bytes: Uint8Array;
  readonly part: string | undefined;
  readonly map: string | undefined;
}

const partsOf = ({ plugins }: Toolkit) => plugins.flatMap(({ plugin }) => plugin.provides);

/** Reads the model with the importers of the parts, or with a map of names. */
async function readInModel({ input, bytes, part, map }: ConvertInput, toolkit: Toolkit): Promise<ConvertedModel> {
  const sibling = (name: string) => readInput(join(dirname(input), name)), provided = partsOf(toolkit);
  if (map !== undefined) {
    if (part === undefined) throw new UsageError("`map` needs `part`: the part that the weights are for");
    const names = parseNameMap(new TextDecoder().decode(await readInput(map)), map);
    return await readModelByNames(bytes, input, names, part, sibling);
  }
  const parts = provided.filter(({ name }) => part === undefined || name === part);
  if (part !== undefined && !parts.some(({ importers }) => importers)) {
    const names = new Set(provided.filter(({ importers }) => importers).map(({ name }) => name));
    throw new UsageError(
      `convert: cannot import with the part "${part}": no plugin of the manifest provides importers under that name; ` +
        `use one of ${[...names].join(", ")}, or give a \`map\` of names`,
    );
  }
  return await readModel(bytes, input, parts, sibling);
}

/** @throws {UsageError} If the tensors of a weights file are not those of its networks. */
async function checkNetworks(toolkit: Toolkit, weights: WeightsFile): Promise<void> {
  const { facts } = weights, { flowEstimator, interpolator } = await toolkit.forWeights(facts, []).networks(facts);
  if (facts.interpolator) checkParameters(interpolator.parameters, "interpolation", weights, facts.interpolator);
  if (facts.flowEstimator) checkParameters(flowEstimator?.parameters ?? [], "flow", weights, facts.flowEstimator);
}

async function convertModel(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(CONVERT, args, io);
  if (parsed === undefined) return;
  const { values, rest: [input, output, ...more] } = parsed;
  if (input === undefined || output === undefined || more.length > 0) {
    throw new UsageError(`convert takes IN and OUT, got ${parsed.rest.length} names; see --help`);
  }
  await checkTarget(output, values.overwrite);
  const bytesIn = await readInput(input);
  const toolkit = await openToolkit(values), { manifest } = toolkit;
  const read = await readInModel({ input, bytes: bytesIn, part: values.part, map: values.map }, toolkit);
  const kept = values.width === undefined ? read : await narrowModel(read, values.width, manifest);
  const model = values.subtract === undefined
    ? kept
    : subtractWeights(kept, await readModel(await readInput(values.subtract), values.subtract, partsOf(toolkit)));
  const facts = values.facts
    ? overlayFacts(model.facts, parseOverlay(new TextDecoder().decode(await readInput(values.facts)), values.facts))
    : model.facts;
  const precision: Precision = values.half ? "F16" : values.float32 ? "F32" : model.precision;
  const bytes = writeWeights(facts, model.tensors, precision);
  if (values.map !== undefined) await checkNetworks(toolkit, openWeights(bytes, input));
  await writeFileAtomic(output, bytes);
  io.out(`${output}: ${model.tensors.size} tensors, ${precision}, ${bytes.length} bytes`);
}

/** The task `convert`. */
export const convert: Task = { commands: [CONVERT], run: convertModel };

if (import.meta.main) await runScript(convert);
