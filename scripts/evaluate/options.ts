import { UsageError } from "@slomo/core";
import { helpText, numberIn, oneOf, parseOptions } from "../_options.ts";
import type { Cut } from "./frames.ts";

/** Names of the methods that can be measured, the first one first. */
export const METHODS = ["model", "blend", "minterpolate"] as const;

/** Name of a method. */
export type MethodName = typeof METHODS[number];

const TABLE = {
  data: { value: "DIR", help: "What to measure on: a video, a folder of frames, or a folder of such." },
  compare: { value: "DIR", help: "Make nothing: measure what is in DIR against --data, by name." },
  methods: { value: "LIST", help: "Which of model, blend, minterpolate to measure, with commas between. All." },
  frames: { value: "N", help: "Only the first N frames of each sequence." },
  limit: { value: "N", help: "At most N held-out frames of each sequence, evenly spread." },
  "max-size": { value: "N", help: "Reduce frames whose shorter side is longer than N pixels." },
  worst: { value: "N", help: "How many of the worst frames are listed and shown. 6." },
  model: { value: "NAME", help: "One of the manifest's models: fast or best." },
  weights: { value: "FILE", help: "Weights file in place of the manifest's." },
  manifest: { value: "FILE", help: "Which plugins and parts are used; slomo.json of the toolkit." },
  "allow-plugins": {
    help: "Load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can.",
  },
  backend: { value: "NAME", help: "What computes: auto (the default), or a name that `deno task doctor` lists." },
  ffmpeg: { value: "PATH", help: "The ffmpeg to use; else $SLOMO_FFMPEG, the PATH, or one from npm." },
  json: { value: "FILE", help: "Write all figures as JSON." },
  html: { value: "FILE", help: "Write a report with pictures that any browser opens from disk." },
  help: { help: "Show this." },
} as const;

/** What a person asked of `deno task evaluate`. */
export interface EvaluateCommand {
  /** What to measure on. */
  readonly data: string;
  /** What was made elsewhere. */
  readonly compare: string | undefined;
  /** What is measured, in order. */
  readonly methods: readonly MethodName[];
  /** Which part of the data. */
  readonly cut: Cut;
  /** How many of the worst frames are listed. */
  readonly worst: number;
  /** One of the manifest's models, by name. */
  readonly model: string | undefined;
  /** Weights in place of the manifest's. */
  readonly weights: string | undefined;
  /** Manifest in place of the toolkit's. */
  readonly manifest: string | undefined;
  /** Whether plugins from elsewhere may be loaded that the lock file does not hold. */
  readonly allowPlugins: boolean;
  /** Backend by name, or `auto`. */
  readonly backend: string;
  /** The ffmpeg to use. */
  readonly ffmpeg: string | undefined;
  /** File for the figures. */
  readonly json: string | undefined;
  /** File for the report. */
  readonly html: string | undefined;
}

/** The text of `--help`. */
export const HELP: string = helpText(
  "deno task evaluate --data DIR [options]",
  "Holds every second frame out, makes it anew, and says how near it comes: PSNR, SSIM and interpolation error of the\n" +
    "model, of plain blending and of ffmpeg's minterpolate. Reads videos, folders of frames, triplets, and the layouts of\n" +
    "Middlebury, UCF101 and Vimeo-90K.",
  TABLE,
);

function wholeNumber(name: string, value: string | undefined, low: number): number | undefined {
  const number = numberIn(name, value, low, 1e6);
  if (number === undefined || Number.isInteger(number)) return number;
  throw new UsageError(`--${name} must be a whole number from ${low} on, got "${value}"`);
}

function methodNames(value: string | undefined): readonly MethodName[] {
  if (value === undefined) return METHODS;
  const chosen = value.split(",").map((name) => oneOf("methods", name.trim(), METHODS, METHODS[0]));
  return [...new Set(chosen)];
}

/**
 * What a command line asks for, or the word for what it asks to be shown.
 *
 * @throws {UsageError} If it does not fit together.
 */
export function parseEvaluate(args: readonly string[]): EvaluateCommand | "help" {
  const { options, rest } = parseOptions(args, TABLE);
  if (options.help) return "help";
  if (rest.length > 0) throw new UsageError(`evaluate takes options only, got "${rest[0]}"; see --help`);
  if (options.data === undefined) throw new UsageError("--data must name what to measure on; see --help");
  if (options.compare !== undefined && options.methods !== undefined) {
    throw new UsageError("--compare makes nothing, so that --methods has no meaning beside it; give one of them");
  }
  if (options.compare !== undefined && options.limit !== undefined) {
    throw new UsageError("--compare measures every frame that both sides have; leave --limit out");
  }
  return {
    data: options.data,
    compare: options.compare,
    methods: methodNames(options.methods),
    cut: {
      frames: wholeNumber("frames", options.frames, 3),
      limit: wholeNumber("limit", options.limit, 1),
      maxSize: wholeNumber("max-size", options["max-size"], 11),
    },
    worst: wholeNumber("worst", options.worst, 0) ?? 6,
    model: options.model,
    weights: options.weights,
    manifest: options.manifest,
    allowPlugins: options["allow-plugins"],
    backend: options.backend ?? "auto",
    ffmpeg: options.ffmpeg,
    json: options.json,
    html: options.html,
  };
}
