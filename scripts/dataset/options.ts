import type { CutClipsOptions } from "@slomo/training/data";
import { UsageError } from "@slomo/core";
import { helpText, numberIn, parseOptions } from "../_options.ts";

const TABLE = {
  size: { value: "N", help: "Shorter side of clips at most, in pixels; larger ones are reduced (default: 480)." },
  "min-frames": { value: "N", help: "Fewest frames of a clip (default: 9, or those of the data set's own clips)." },
  "max-frames": { value: "N", help: "Most frames of a clip; longer shots are divided (default: 60)." },
  "min-motion": { value: "L", help: "Least mean difference between frames, in levels of 255 (default: 0.5)." },
  "max-motion": { value: "L", help: "Most mean difference between frames, in levels (default: 60)." },
  "min-rate": { value: "F", help: "Fewest frames a second of a video that says its rate (default: 10)." },
  cuts: { value: "T", help: "Threshold of the cut detector, or off (default: 20)." },
  validation: { value: "S", help: "Share of videos for validation where no list says (default: 0.1)." },
  manifest: { value: "FILE", help: "Which codecs to use (default: slomo.json)." },
  "allow-plugins": {
    help: "Load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can.",
  },
  ffmpeg: { value: "PATH", help: "ffmpeg, or its folder." },
  help: { help: "This text." },
} as const;

/** The help. */
export const HELP = helpText(
  "deno task dataset IN... OUT [options]",
  "Cuts videos into clips for training. IN is a video, a folder of images, or a folder of many of both, also as Adobe240,\n" +
    "Vimeo-90K, X4K1000FPS, UCF101 and DAVIS are distributed. Can be stopped and run again.",
  TABLE,
);

/** What decides the clips, and stands in the index. */
export interface DatasetOptions extends Omit<CutClipsOptions, "shortest"> {
  /** Fewest frames of a clip; `null` leaves it to the data set. */
  readonly shortest: number | null;
  /** Fewest frames a second. */
  readonly minRate: number;
  /** Threshold of the cut detector; `null` leaves it out. */
  readonly cuts: number | null;
  /** Share of videos for validation. */
  readonly validation: number;
}

/** What the command line asks for. */
export interface DatasetCommand {
  /** Videos and folders. */
  readonly inputs: readonly string[];
  /** Folder of the data set. */
  readonly output: string;
  /** What decides the clips. */
  readonly options: DatasetOptions;
  /** Path of the manifest. */
  readonly manifest: string | undefined;
  /** Whether plugins from elsewhere may be loaded that the lock file does not hold. */
  readonly allowPlugins: boolean;
  /** ffmpeg. */
  readonly ffmpeg: string | undefined;
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} If something in it cannot be.
 */
export function parseDataset(args: readonly string[]): DatasetCommand | "help" {
  const { options, rest } = parseOptions(args, TABLE);
  if (options.help) return "help";
  const output = rest.at(-1);
  if (output === undefined || rest.length < 2) {
    throw new UsageError(`dataset takes IN... and OUT, got ${rest.length} names; see --help`);
  }
  const shortest = numberIn("min-frames", options["min-frames"], 3, 1000) ?? null;
  const longest = numberIn("max-frames", options["max-frames"], 3, 1000) ?? 60;
  if (shortest !== null && shortest > longest) {
    throw new UsageError(`--min-frames ${shortest} is above --max-frames ${longest}; give a lower one`);
  }
  return {
    inputs: rest.slice(0, -1),
    output,
    options: {
      size: numberIn("size", options.size, 32, 4320) ?? 480,
      shortest,
      longest,
      minMotion: numberIn("min-motion", options["min-motion"], 0, 255) ?? 0.5,
      maxMotion: numberIn("max-motion", options["max-motion"], 0, 255) ?? 60,
      minRate: numberIn("min-rate", options["min-rate"], 0, 1e5) ?? 10,
      cuts: options.cuts === "off" ? null : numberIn("cuts", options.cuts, 0, 1000) ?? 20,
      validation: numberIn("validation", options.validation, 0, 0.9) ?? 0.1,
    },
    manifest: options.manifest,
    allowPlugins: options["allow-plugins"],
    ffmpeg: options.ffmpeg,
  };
}
