import type { ConvertOptions } from "@slomo/slomo";
import { CONVERT_OPTIONS, FRAME_OPTIONS, MODEL_OPTIONS, PRESETS } from "@slomo/slomo/options";
import { UsageError } from "@slomo/core";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { type CommandDefinition, parseOptions, SHARED_OPTIONS } from "../_options.ts";
import { presetLines, withPreset } from "./presets.ts";

/** The most shards of a source; more is taken for a typo. */
export const MAX_SHARDS = 10_000;

const OPTIONS = {
  preset: {
    ...{ kind: "choice", choices: Object.keys(PRESETS), value: "NAME", group: "Frames and time" },
    help: "Set options for a kind of video, listed below; options that you give yourself take precedence",
  },
  ...FRAME_OPTIONS,
  out: {
    ...{ kind: "path", value: "DIR", group: "Output" },
    help: "Process several inputs, or all videos of a folder, and write each into DIR under its own name",
  },
  ...CONVERT_OPTIONS,
  ...MODEL_OPTIONS,
  device: {
    ...MODEL_OPTIONS.device,
    help: `${MODEL_OPTIONS.device.help}; several, such as cuda:0,cuda:1, share each video`,
  },
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  queue: {
    ...{ kind: "text", value: "URL", group: "Queue", excludes: ["plan", "resume"] },
    help: "Let workers make the video: submit it to a server of Redis, Valkey or PostgreSQL, and watch it",
  },
  detach: { kind: "switch", group: "Queue", help: "Print the ID of a submitted video and end" },
  priority: {
    ...{ kind: "number", min: 0, max: 1_000_000, isInteger: true, value: "N", group: "Queue", default: "0" },
    help: "Make a video before those with a higher N",
  },
  shards: {
    ...{ kind: "number", min: 1, max: MAX_SHARDS, isInteger: true, value: "N", group: "Queue" },
    ...{ default: "one per 5 minutes if IN is longer than 10 minutes" },
    help: "Scan IN in N parts at once before it is planned; 1 plans it on one worker",
  },
  plan: {
    ...{ kind: "switch", group: "Messages" },
    help: "Show the output, properties that cannot be kept, and the estimated time; write nothing",
  },
  json: SHARED_OPTIONS.json,
  quiet: { kind: "switch", group: "Messages", help: "Show warnings and errors only" },
  version: { kind: "switch", help: "Show the version" },
} as const satisfies OptionTable;

/** The command line of `interpolate`. */
export const INTERPOLATE: CommandDefinition<typeof OPTIONS> = {
  name: "interpolate",
  usage: ["IN OUT [options]", "IN... --out DIR [options]"],
  about:
    "Interpolates frames: raises the frame rate of a video, or slows it down. IN and OUT are a video file (mp4, mkv, " +
    "webm, mov, gif), a folder of images, a pattern such as out/%05d.png, or a video in an object storage: s3://BUCKET/KEY.",
  options: OPTIONS,
  details: ["Presets:", ...presetLines(OPTIONS).map((line) => `  ${line}`)],
};

/** Values of the options, including those of the preset. */
export type InterpolateValues = OptionValues<typeof OPTIONS>;

/** A video and its output. */
export interface Target {
  /** Location of the source. */
  readonly input: string;
  /** Location of the output. */
  readonly output: string;
}

/** Videos whose outputs go into one folder. */
export interface Batch {
  /** Locations of sources, or folders of videos. */
  readonly inputs: readonly string[];
  /** The folder. */
  readonly out: string;
}

/** A parsed command line of `interpolate`. */
export interface InterpolateCommand {
  /** Inputs and outputs. */
  readonly videos: Target | Batch;
  /** Values of the options, including those of the preset. */
  readonly options: Omit<InterpolateValues, "cuts"> & Pick<ConvertOptions, "cuts">;
}

/** @throws {UsageError} If one of the names is `-`, the usual name of a pipe. */
function refusePipes(names: readonly (string | undefined)[]): void {
  if (!names.includes("-")) return;
  throw new UsageError(
    "- cannot be a pipe: videos are read more than once and written in segments; name files, or write ./-",
  );
}

function parseVideos(names: readonly string[], out: string | undefined): Target | Batch {
  refusePipes([...names, out]);
  if (out !== undefined) {
    if (names.length === 0) throw new UsageError("give at least one IN with `out`; see --help");
    return { inputs: names, out };
  }
  const [input, output, ...more] = names;
  if (input === undefined || output === undefined || more.length > 0) {
    throw new UsageError(
      `give one IN and one OUT, or any number of IN with --out DIR; got ${names.length} names; see --help`,
    );
  }
  return { input, output };
}

/**
 * Checks a parsed command line, and adds the options of the preset.
 *
 * @throws {UsageError} If the names do not match the options.
 */
export function interpolateCommand(
  values: InterpolateValues,
  names: readonly string[],
): InterpolateCommand {
  const { cuts: threshold, ...options } = withPreset(values, OPTIONS);
  const cuts = threshold === undefined || threshold === false ? threshold : { threshold };
  return { videos: parseVideos(names, options.out), options: { ...options, cuts } };
}

/**
 * Parses a command line.
 *
 * @throws {UsageError} If it is wrong.
 */
export function parseInterpolate(args: readonly string[]): InterpolateCommand {
  const { values, rest } = parseOptions(args, OPTIONS);
  return interpolateCommand(values, rest);
}
