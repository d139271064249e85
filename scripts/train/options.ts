import { completeConfig, type TrainConfig } from "@slomo/training";
import { parseMixturePart, SYNTHETIC } from "@slomo/training/data";
import { fileReasonOf, jsonOf, UsageError } from "@slomo/core";
import { dirname, resolve } from "@std/path";
import { flagOf, type OptionDefinition, type OptionTable, type OptionValues } from "@slomo/core/options";
import { type CommandDefinition, type ParsedCommand, SHARED_OPTIONS } from "../_options.ts";

const RUN = "Run", SETTINGS = "Settings";

const OPTIONS = {
  out: {
    ...{ kind: "path", value: "DIR", group: RUN, default: "runs/train" },
    help: "Write checkpoints, weights, sample images and events to DIR",
  },
  resume: { kind: "switch", group: RUN, help: "Continue from the checkpoint in DIR, with its settings" },
  overwrite: { kind: "switch", group: RUN, help: "Replace the run in DIR" },
  config: {
    ...{ kind: "path", value: "FILE", group: SETTINGS },
    help: "Read settings from a JSON file; docs/training.md lists them",
  },
  preset: {
    ...{ kind: "text", value: "NAME", group: SETTINGS, default: "recipe" },
    help: "Start from a preset of settings: recipe, paper or quick",
  },
  quick: {
    ...{ kind: "switch", group: SETTINGS },
    help: "Train a small network on synthetic motion in a few minutes: the preset quick",
  },
  from: { kind: "path", value: "FILE", group: SETTINGS, help: "Start from the weights in FILE" },
  adapt: {
    ...{ kind: "switch", group: SETTINGS },
    help: "Adapt the weights of --from to other options of the networks: channels, kernels, scales",
  },
  steps: { kind: "number", min: 1, max: 1e9, value: "N", group: SETTINGS, help: "Train for N steps in total" },
  rate: {
    ...{ kind: "number", min: 0, isAboveMin: true, max: 1000, flag: "lr", value: "RATE", group: SETTINGS },
    help: "Set the peak learning rate",
  },
  width: {
    ...{ kind: "number", min: 1 / 128, max: 4, value: "W", group: SETTINGS },
    help: "Multiply the channel counts of the paper by W, in both networks",
  },
  seed: { kind: "number", min: 0, max: 2 ** 53, value: "N", group: SETTINGS, help: "Seed all random numbers with N" },
  precision: { ...SHARED_OPTIONS.precision, default: "the preset's" },
  backend: SHARED_OPTIONS.backend,
  device: { ...SHARED_OPTIONS.device, help: "Compute on a device of the backend: cpu or gpu:0 for tensorflow" },
  loaders: {
    ...{ kind: "number", min: 1, max: 64, value: "N", group: "Model and backend", default: "1" },
    help: "Load batches in N workers",
  },
  manifest: SHARED_OPTIONS.manifest,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  json: SHARED_OPTIONS.json,
} as const satisfies OptionTable;

/** The command line of `train`. */
export const TRAIN: CommandDefinition<typeof OPTIONS> = {
  name: "train",
  usage: ["[DATA[:WEIGHT]...] [options]"],
  about:
    "Trains the networks. DATA is a folder that the task dataset has written, or `synthetic` for generated motion; WEIGHT " +
    "is its share of the batches.",
  options: OPTIONS,
};

/** A parsed command line of `train`. */
export interface TrainCommand extends OptionValues<typeof OPTIONS> {
  /** Settings of a new run. A resumed run uses those of its checkpoint. */
  readonly settings: TrainConfig;
  /** Options and data on the command line that set them, as users write them. */
  readonly given: readonly string[];
  /** Folder of the results. */
  readonly out: string;
  /** Backend by name, or `auto`. */
  readonly backend: string;
  /** Workers that load batches. */
  readonly loaders: number;
}

type Json = Record<string, unknown>;

async function readConfig(path: string): Promise<Json> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`the configuration ${path} cannot be read: ${fileReasonOf(error)}`);
  }
  const value = jsonOf(text, (reason) => {
    throw new UsageError(`the configuration ${path} is not JSON: ${reason}`);
  });
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new UsageError(`the configuration ${path} must be a JSON object, { "preset": "recipe", … }`);
}

/** Resolves the locations in a configuration, which are relative to its file. */
function resolveLocations(given: Json, folder: string): Json {
  const { data, from, ...rest } = given, resolved: Json = rest;
  if (typeof from === "string") resolved["from"] = resolve(folder, from);
  else if (from !== undefined) resolved["from"] = from;
  if (data !== undefined) {
    resolved["data"] = Array.isArray(data) && data.every((part) => typeof part === "string")
      ? data.map((part) => {
        const { location, weight } = parseMixturePart(part);
        return `${location === SYNTHETIC ? location : resolve(folder, location)}:${weight}`;
      })
      : data;
  }
  return resolved;
}

/** Returns the options that set settings of a run. */
function settingsIn(values: OptionValues<typeof OPTIONS>): string[] {
  const given: Readonly<Record<string, unknown>> = values;
  return Object.entries<OptionDefinition>(OPTIONS)
    .filter(([name, { group }]) => group === SETTINGS || name === "precision")
    .filter(([name]) => given[name] !== undefined && given[name] !== false)
    .map(([name, definition]) => `--${flagOf(name, definition)}`);
}

/**
 * Checks a parsed command line, and reads the configuration that it names.
 *
 * @throws {UsageError} If a setting is wrong.
 */
export async function trainCommand({ values, rest }: ParsedCommand<typeof OPTIONS>): Promise<TrainCommand> {
  const { steps, rate, width, seed, precision, config: path } = values;
  const given = path ? resolveLocations(await readConfig(path), dirname(path)) : {};
  const fromArguments = resolveLocations(
    { ...rest.length > 0 && { data: [...rest] }, ...values.from !== undefined && { from: values.from } },
    ".",
  );
  if (values.resume && values.overwrite) {
    throw new UsageError("`resume` continues a run and `overwrite` replaces it; leave one out", {
      option: "overwrite",
    });
  }
  if (values.quick && values.preset !== undefined && values.preset !== "quick") {
    throw new UsageError(`\`quick\` is the preset quick; leave it or \`preset\` ${values.preset} out`, {
      option: "preset",
    });
  }
  const preset = values.preset ?? (values.quick ? "quick" : undefined);
  let settings = completeConfig(
    {
      ...given,
      ...fromArguments,
      ...preset !== undefined && { preset },
      ...steps !== undefined && { steps },
      ...seed !== undefined && { seed },
      ...precision !== undefined && { precision },
      ...values.adapt && { adapt: true },
    },
    path ?? "the command line",
    (note) => console.error(`slomo: ${note}`),
  );
  if (rate !== undefined) settings = { ...settings, schedule: { ...settings.schedule, rate } };
  if (width !== undefined) {
    const { flowEstimator, interpolator } = settings.model;
    const model = { flowEstimator: { ...flowEstimator, width }, interpolator: { ...interpolator, width } };
    settings = { ...settings, model };
  }
  const { out = "runs/train", backend = "auto", loaders = 1 } = values;
  return { ...values, settings, given: [...settingsIn(values), ...rest], out, backend, loaders };
}
