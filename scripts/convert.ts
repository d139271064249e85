import { parseArgs } from "@std/cli/parse-args";
import { overlayFacts, parseOverlay, readModel } from "@slomo/weights/convert";
import { type Precision, writeWeights } from "@slomo/weights";
import { UsageError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { dirname, join } from "@std/path";
import { runScript, type Task } from "./_cli.ts";
import { narrowModel } from "./convert/narrow_model.ts";
import { openToolkit } from "./_toolkit.ts";
import { checkTarget } from "./_target.ts";

const HELP =
  `Converts a model of another program, or of slomo, to a weights file: SuperSloMo.ckpt, or VGG16 or VGG19 as PyTorch,
Keras, NumPy or TensorFlow.js have them, and what else the manifest's plugins can import. See docs/weights.md.

  deno task convert IN OUT [options]

  --width N      keep the channels that weigh most, down to a network of this width: a start for training
  --half         write float16 numbers
  --float32      write float32 numbers (default: what IN has)
  --facts FILE   JSON with "training", "license" and options of the parts to record in OUT
  --manifest FILE
                 manifest whose plugins import the model (default: slomo.json)
  --allow-plugins
                 load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can
  --overwrite    replace OUT where it exists
  --help         this text`;

async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The task `convert`. */
export const convert: Task = async (args, io) => {
  const options = parseArgs([...args], {
    string: ["facts", "width", "manifest", "_"],
    boolean: ["half", "float32", "allow-plugins", "overwrite", "help"],
    unknown: (arg, key) => {
      if (key !== undefined) throw new UsageError(`there is no option ${arg}; see --help`);
    },
  });
  if (options.help) return io.out(HELP);
  const [input, output, ...rest] = options._.map(String);
  if (input === undefined || output === undefined || rest.length > 0) {
    throw new UsageError(`convert takes IN and OUT, got ${options._.length} names; see --help`);
  }
  if (options.half && options.float32) throw new UsageError("--half and --float32 exclude each other; give one");
  await checkTarget(output, options.overwrite);
  const bytesIn = await readInput(input);
  const { manifest, plugins } = await openToolkit({ ...options, allowPlugins: options["allow-plugins"] });
  const parts = plugins.flatMap(({ plugin }) => plugin.provides);
  const read = await readModel(bytesIn, input, parts, (name) => readInput(join(dirname(input), name)));
  const model = options.width === undefined ? read : await narrowModel(read, Number(options.width), manifest);
  const facts = options.facts
    ? overlayFacts(model.facts, parseOverlay(new TextDecoder().decode(await readInput(options.facts)), options.facts))
    : model.facts;
  const precision: Precision = options.half ? "F16" : options.float32 ? "F32" : model.precision;
  const bytes = writeWeights(facts, model.tensors, precision);
  await writeFileAtomic(output, bytes);
  io.out(`${output}: ${model.tensors.size} tensors, ${precision}, ${bytes.length} bytes`);
};

if (import.meta.main) await runScript(convert);
