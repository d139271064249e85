import { completeConfig, type TrainConfig } from "@slomo/training";
import { parseMixturePart, SYNTHETIC } from "@slomo/training/data";
import { fileReasonOf, UsageError } from "@slomo/core";
import { dirname, resolve } from "@std/path";
import { helpText, numberIn, oneOf, parseOptions } from "../_options.ts";

const TABLE = {
  config: { value: "FILE", help: "JSON with any of the settings in docs/training.md." },
  preset: { value: "NAME", help: "Settings to begin with: recipe (default), paper or quick." },
  quick: { help: "A small network on motion made from nothing, in a few minutes: the preset quick." },
  out: { value: "DIR", help: "Where checkpoints, weights and pictures go (default: runs/train)." },
  resume: { help: "Go on from the checkpoint in DIR, with its settings." },
  overwrite: { help: "Begin anew although DIR holds a run." },
  from: { value: "FILE", help: "Weights to start from." },
  steps: { value: "N", help: "Steps of the whole run." },
  lr: { value: "RATE", help: "The highest learning rate." },
  width: { value: "W", help: "Factor of the paper's channel counts, for both networks." },
  seed: { value: "N", help: "Of everything that is drawn." },
  precision: { value: "NAME", help: "Numbers in convolutions: float32 or bfloat16 (TensorFlow alone)." },
  backend: { value: "NAME", help: "tensorflow, webgpu, wasm, cpu, or auto (default)." },
  device: { value: "NAME", help: "Where it computes: for tensorflow cpu or gpu:0." },
  loaders: { value: "N", help: "Threads that make batches (default: 1)." },
  manifest: { value: "FILE", help: "Which plugins and parts to use (default: slomo.json)." },
  "allow-plugins": {
    help: "Load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can.",
  },
  json: { help: "Facts for programs, one JSON object a line, on standard output." },
  help: { help: "This text." },
} as const;

/** The help. */
export const HELP = helpText(
  "deno task train [DATA[:WEIGHT]...] [options]",
  "Trains the networks. DATA is a folder that `deno task dataset` made, or `synthetic`: motion that is made.",
  TABLE,
);

/** What the command line asks for. */
export interface TrainCommand {
  /** Settings of a new run; those of the checkpoint count for one that is resumed. */
  readonly config: TrainConfig;
  /** Where results go. */
  readonly out: string;
  /** Whether a run goes on. */
  readonly resume: boolean;
  /** Whether a run that is there may be replaced. */
  readonly overwrite: boolean;
  /** Name of the backend. */
  readonly backend: string;
  /** Device by the backend's own name, where said. */
  readonly device: string | undefined;
  /** Threads that make batches. */
  readonly loaders: number;
  /** Path of the manifest. */
  readonly manifest: string | undefined;
  /** Whether plugins from elsewhere may be loaded that the lock file does not hold. */
  readonly allowPlugins: boolean;
  /** Whether facts go to standard output. */
  readonly json: boolean;
}

type Json = Record<string, unknown>;

async function readConfig(path: string): Promise<Json> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`the configuration ${path} cannot be read: ${fileReasonOf(error)}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch (error) {
    throw new UsageError(`the configuration ${path} is no JSON: ${fileReasonOf(error)}`);
  }
  throw new UsageError(`the configuration ${path} must be a JSON object, { "preset": "recipe", … }`);
}

/** Locations of a configuration file are relative to it. */
function locate(given: Json, folder: string): Json {
  const { data, from, ...rest } = given, located: Json = rest;
  if (typeof from === "string") located["from"] = resolve(folder, from);
  else if (from !== undefined) located["from"] = from;
  if (data !== undefined) {
    located["data"] = Array.isArray(data) && data.every((part) => typeof part === "string")
      ? data.map((part) => {
        const { location, weight } = parseMixturePart(part);
        return `${location === SYNTHETIC ? location : resolve(folder, location)}:${weight}`;
      })
      : data;
  }
  return located;
}

/** Whole numbers and others from the command line. */
function numbers(options: { steps?: string; lr?: string; width?: string; seed?: string }) {
  return {
    steps: numberIn("steps", options.steps, 1, 1e9),
    rate: numberIn("lr", options.lr, 0, 1000),
    width: numberIn("width", options.width, 1 / 128, 4),
    seed: numberIn("seed", options.seed, 0, 2 ** 53),
  };
}

/**
 * Reads a command line and the configuration that it names.
 *
 * @throws {UsageError} If something in it cannot be.
 */
export async function parseTrain(args: readonly string[]): Promise<TrainCommand | "help"> {
  const { options, rest } = parseOptions(args, TABLE);
  if (options.help) return "help";
  const { steps, rate, width, seed } = numbers(options as Parameters<typeof numbers>[0]);
  const precision = oneOf("precision", options.precision, ["float32", "bfloat16"], undefined);
  const path = options.config, given = path ? locate(await readConfig(path), dirname(path)) : {};
  const words = locate(
    { ...rest.length > 0 && { data: [...rest] }, ...options.from !== undefined && { from: options.from } },
    ".",
  );
  const preset = options.preset ?? (options.quick ? "quick" : undefined);
  let config = completeConfig({
    ...given,
    ...words,
    ...preset !== undefined && { preset },
    ...steps !== undefined && { steps },
    ...seed !== undefined && { seed },
    ...precision !== undefined && { precision },
  }, path ?? "the command line");
  if (rate !== undefined) config = { ...config, schedule: { ...config.schedule, rate } };
  if (width !== undefined) {
    const { flowEstimator, interpolator } = config.model;
    config = {
      ...config,
      model: { flowEstimator: { ...flowEstimator, width }, interpolator: { ...interpolator, width } },
    };
  }
  return {
    config,
    out: options.out ?? "runs/train",
    resume: options.resume,
    overwrite: options.overwrite,
    backend: options.backend ?? "auto",
    device: options.device,
    loaders: numberIn("loaders", options.loaders, 1, 64) ?? 1,
    manifest: options.manifest,
    allowPlugins: options["allow-plugins"],
    json: options.json,
  };
}
