/** The command line of `deno task bench`. */
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import type { OptionTable } from "@slomo/core/options";
import { type CommandDefinition, parseCommand } from "../../scripts/_options.ts";

/** Name of the manifest's own weights and options among its models. */
export const DEFAULT_MODEL = "default";

const SIZES = "640x360,864x480,1920x1080", RUNS = 3;

const OPTIONS = {
  sizes: { kind: "text", value: "LIST", default: SIZES, help: "Measure frames of these sizes, separated by commas" },
  models: {
    ...{ kind: "text", value: "LIST", default: "all" },
    help:
      "Measure these models of the manifest or installed ones, separated by commas; default means the manifest's own weights",
  },
  runs: {
    ...{ kind: "number", min: 1, max: 100, isInteger: true, value: "N", default: `${RUNS}` },
    help: "Measure everything N times in turn; the minimum counts",
  },
  threads: {
    ...{ kind: "number", min: 1, max: 256, isInteger: true, value: "N", default: "one per core" },
    help: "Compute in N threads",
  },
  train: { kind: "switch", help: "Also measure a training step beside the same step in PyTorch" },
  json: { kind: "switch", help: "Print the results as JSON instead of tables" },
  markdown: { kind: "switch", help: "Also replace the tables in docs/speed.md" },
} as const satisfies OptionTable;

/** The command. */
export const BENCH: CommandDefinition<typeof OPTIONS> = {
  name: "bench",
  usage: ["[options]"],
  about:
    "Measures interpolation on the CPU beside RIFE 4.25 in PyTorch and ffmpeg's minterpolate, on Linux. PyTorch runs in " +
    "$SLOMO_PYTHON or the python3 in the PATH, if that has torch. docs/speed.md explains the tables.",
  options: OPTIONS,
};

/** Width and height in pixels. */
export type Size = readonly [width: number, height: number];

/** A parsed command line. */
export interface BenchCommand {
  readonly sizes: readonly Size[];
  /** Names of models; {@linkcode DEFAULT_MODEL} is the manifest's own. */
  readonly models: readonly string[];
  readonly runs: number;
  readonly threads: number;
  readonly train: boolean;
  readonly json: boolean;
  readonly markdown: boolean;
}

const listOf = (text: string) => [...new Set(text.split(",").map((part) => part.trim()))];

/**
 * Reads sizes such as `640x360,864x480`.
 *
 * @throws {UsageError} If a size is not of that form, or has an odd side, which 4:2:0 cannot store.
 */
export function readSizes(text: string): Size[] {
  return listOf(text).map((part) => {
    const [, width, height] = /^(\d{2,4})x(\d{2,4})$/.exec(part)?.map(Number) ?? [];
    if (width && height && width % 2 === 0 && height % 2 === 0) return [width, height];
    throw new UsageError(`\`sizes\` must be even sizes from 10x10 to 9998x9998, such as ${SIZES}, got "${part}"`, {
      option: "sizes",
    });
  });
}

/**
 * Reads names of models such as `default,fast`.
 *
 * @param known Names of the models of the manifest and of installed ones.
 * @throws {UsageError} If there is no model of a name.
 */
export function readModels(text: string, known: readonly string[]): string[] {
  const names = [DEFAULT_MODEL, ...known];
  return listOf(text).map((name) => {
    if (names.includes(name)) return name;
    const meant = nearest(name, names), hint = meant ? `did you mean ${meant}?` : `it has ${names.join(", ")}`;
    throw new UsageError(`\`models\`: the manifest has no model "${name}"; ${hint}`, { option: "models" });
  });
}

/**
 * Parses the command line of `bench`. For `--help`, shows the help and returns `undefined`.
 *
 * @param known Names of the models of the manifest and of installed ones.
 * @throws {UsageError} If an option does not accept its value.
 */
export function parseBench(
  args: readonly string[],
  known: readonly string[],
  io: { out(line: string): void },
): BenchCommand | undefined {
  const parsed = parseCommand(BENCH, args, io);
  if (parsed === undefined) return undefined;
  const { sizes = SIZES, models, runs = RUNS, threads = navigator.hardwareConcurrency, ...switches } = parsed.values;
  if (parsed.rest.length > 0) throw new UsageError(`bench takes no arguments, got "${parsed.rest[0]}"; see --help`);
  return {
    ...switches,
    ...{ sizes: readSizes(sizes), runs, threads },
    models: models === undefined ? [DEFAULT_MODEL, ...known] : readModels(models, known),
  };
}
