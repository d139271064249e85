import type { CutClipsOptions } from "@slomo/training/data";
import { UsageError } from "@slomo/core";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { FRAME_OPTIONS } from "@slomo/slomo/options";
import { type CommandDefinition, type ParsedCommand, SHARED_OPTIONS } from "../_options.ts";

const CLIPS = "Clips", MOTION = { kind: "number", min: 0, max: 255, value: "L", group: CLIPS } as const;
const FRAMES = { kind: "number", min: 3, max: 1000, value: "N", group: CLIPS } as const;

const OPTIONS = {
  size: {
    ...{ kind: "number", min: 32, max: 4320, value: "N", group: CLIPS, default: "480" },
    help: "Scale frames down whose shorter side is longer than N pixels",
  },
  minFrames: {
    ...{ ...FRAMES, default: "9, or the length of the data set's own clips" },
    help: "Drop clips of fewer than N frames",
  },
  maxFrames: { ...FRAMES, default: "60", help: "Divide shots into clips of at most N frames" },
  minMotion: {
    ...{ ...MOTION, default: "0.5" },
    help: "Drop frames whose mean difference from the previous frame is below L intensity levels of 255",
  },
  maxMotion: { ...MOTION, default: "60", help: "Drop frames whose mean difference is above L intensity levels" },
  minRate: {
    ...{ kind: "number", min: 0, max: 1e5, value: "F", group: CLIPS, default: "10" },
    help: "Skip videos of fewer than F frames per second",
  },
  cuts: { ...FRAME_OPTIONS.cuts, offHelp: "Look for no scene cuts: treat each video as one shot" },
  validation: {
    ...{ kind: "number", min: 0, max: 0.9, value: "S", group: CLIPS, default: "0.1" },
    help: "Use the share S of the videos for validation, unless the data set has its own list",
  },
  manifest: SHARED_OPTIONS.manifest,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  ffmpeg: { ...SHARED_OPTIONS.ffmpeg, group: "Model and backend" },
} as const satisfies OptionTable;

/** The command line of `dataset`. */
export const DATASET: CommandDefinition<typeof OPTIONS> = {
  name: "dataset",
  usage: ["IN... OUT [options]"],
  about:
    "Cuts videos into clips for training. IN is a video, a folder of images, or a folder of many of those, also in the " +
    "layouts of Adobe240, Vimeo-90K, X4K1000FPS, UCF101 and DAVIS. Run it again to continue after an interruption.",
  options: OPTIONS,
};

/** Options of the clips. The index records them. */
export interface DatasetOptions extends Omit<CutClipsOptions, "shortest"> {
  /** Fewest frames of a clip; `null` for the default of the data set. */
  readonly shortest: number | null;
  /** Lowest frame rate, in frames per second. */
  readonly minRate: number;
  /** Threshold of the scene cut detector; `null` turns it off. */
  readonly cuts: number | null;
  /** Share of videos for validation. */
  readonly validation: number;
}

/** A parsed command line of `dataset`. */
export interface DatasetCommand extends Pick<OptionValues<typeof OPTIONS>, "manifest" | "allowPlugins" | "ffmpeg"> {
  /** Videos and folders. */
  readonly inputs: readonly string[];
  /** Folder of the data set. */
  readonly output: string;
  /** Options of the clips. */
  readonly options: DatasetOptions;
}

/**
 * Checks a parsed command line.
 *
 * @throws {UsageError} If names are missing or options contradict each other.
 */
export function datasetCommand({ values, rest }: ParsedCommand<typeof OPTIONS>): DatasetCommand {
  const output = rest.at(-1);
  if (output === undefined || rest.length < 2) {
    throw new UsageError(`dataset takes IN... and OUT, got ${rest.length} names; see --help`);
  }
  const { minFrames: shortest = null, maxFrames: longest = 60, cuts = 20 } = values;
  if (shortest !== null && shortest > longest) {
    throw new UsageError(`\`minFrames\` ${shortest} is above \`maxFrames\` ${longest}; give a lower one`);
  }
  const { size = 480, minMotion = 0.5, maxMotion = 60, minRate = 10, validation = 0.1 } = values;
  return {
    inputs: rest.slice(0, -1),
    output,
    options: {
      ...{ size, shortest, longest, minMotion, maxMotion, minRate, validation },
      cuts: cuts === false ? null : cuts,
    },
    manifest: values.manifest,
    allowPlugins: values.allowPlugins,
    ffmpeg: values.ffmpeg,
  };
}
