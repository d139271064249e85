import { parseArgs } from "@std/cli/parse-args";
import { overlayFacts, parseOverlay, type Precision, readModel, writeWeights } from "@slomo/core/weights";
import { JobError, UsageError } from "@slomo/core";
import { runScript } from "./_cli.ts";

const HELP = `Makes a weights file of slomo's from a model of others, or from one of slomo's.

  deno task convert IN OUT [options]

  --half         write float16 numbers
  --float32      write float32 numbers (default: what IN has)
  --facts FILE   JSON with "training", "licence" and options of the parts to record in OUT
  --overwrite    replace OUT where it exists
  --help         this text`;

async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Writes beside the target and renames, so that a half-written file never has its name. */
async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await Deno.writeFile(partial, bytes);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw new JobError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

await runScript(async (args) => {
  const options = parseArgs(args, {
    string: ["facts", "_"],
    boolean: ["half", "float32", "overwrite", "help"],
    unknown: (arg, key) => {
      if (key !== undefined) throw new UsageError(`there is no option ${arg}; see --help`);
    },
  });
  if (options.help) return console.log(HELP);
  const [input, output, ...rest] = options._.map(String);
  if (input === undefined || output === undefined || rest.length > 0) {
    throw new UsageError(`convert takes IN and OUT, got ${options._.length} names; see --help`);
  }
  if (options.half && options.float32) throw new UsageError("--half and --float32 exclude each other; give one");
  if (!options.overwrite && await exists(output)) {
    throw new UsageError(`${output} exists; give --overwrite to replace it`);
  }
  const model = readModel(await readInput(input), input);
  const facts = options.facts
    ? overlayFacts(model.facts, parseOverlay(new TextDecoder().decode(await readInput(options.facts)), options.facts))
    : model.facts;
  const precision: Precision = options.half ? "F16" : options.float32 ? "F32" : model.precision;
  const bytes = writeWeights(facts, model.tensors, precision);
  await writeOutput(output, bytes);
  console.log(`${output}: ${model.tensors.size} tensors, ${precision}, ${bytes.length} bytes`);
});
