import { UsageError } from "@slomo/core";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { type CommandDefinition, SHARED_OPTIONS } from "../_options.ts";
import type { Subset } from "./frames.ts";

/** Names of the methods. The first one decides which frames are the worst. */
export const METHODS = ["model", "blend", "minterpolate"] as const;

/** Name of a method. */
export type MethodName = typeof METHODS[number];

const NUMBER = { kind: "number", max: 1e6, isInteger: true, value: "N" } as const;

const OPTIONS = {
  data: {
    kind: "path",
    value: "DIR",
    group: "Data",
    help: "Measure on a video, a folder of frames, or a folder of those; required",
  },
  compare: {
    ...{ kind: "path", value: "DIR", group: "Data", excludes: ["methods", "limit"] },
    help: "Compare the files in DIR with those of the same name in `data`, and interpolate nothing",
  },
  methods: {
    ...{ kind: "list", choices: METHODS, value: "LIST", group: "Data", default: "all" },
    help: "Measure these methods, separated by commas",
  },
  frames: { ...NUMBER, min: 3, group: "Data", help: "Use only the first N frames of each sequence" },
  limit: {
    ...NUMBER,
    min: 1,
    group: "Data",
    help: "Measure at most N held-out frames of each sequence, evenly spread",
  },
  maxSize: {
    ...{ ...NUMBER, min: 11, group: "Data" },
    help: "Scale frames down whose shorter side is longer than N pixels",
  },
  worst: { ...NUMBER, min: 0, group: "Report", default: "6", help: "List and show the N worst frames" },
  json: { kind: "path", value: "FILE", group: "Report", help: "Write all scores to FILE as JSON" },
  html: {
    ...{ kind: "path", value: "FILE", group: "Report" },
    help: "Write a report with images to FILE, which browsers open from disk",
  },
  model: {
    ...{ ...SHARED_OPTIONS.model, value: "LIST" },
    help: "Measure these models, separated by commas, such as default,fast,rife; default is that of the manifest",
  },
  weights: SHARED_OPTIONS.weights,
  manifest: SHARED_OPTIONS.manifest,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  backend: SHARED_OPTIONS.backend,
  ffmpeg: { ...SHARED_OPTIONS.ffmpeg, group: "Model and backend" },
} as const satisfies OptionTable;

/** The command line of `evaluate`. */
export const EVALUATE: CommandDefinition<typeof OPTIONS> = {
  name: "evaluate",
  usage: ["--data DIR [options]"],
  about:
    "Holds out every second frame, interpolates it, and reports PSNR, SSIM and interpolation error (IE) of the model, of " +
    "blending and of ffmpeg's minterpolate. Reads videos, folders of frames, triplets, and the layouts of Middlebury, " +
    "UCF101 and Vimeo-90K.",
  options: OPTIONS,
};

/** A parsed command line of `evaluate`. */
export interface EvaluateCommand
  extends Omit<OptionValues<typeof OPTIONS>, "data" | "frames" | "limit" | "maxSize" | "model"> {
  /** Location of the data. */
  readonly data: string;
  /** Methods to measure, in order. */
  readonly methods: readonly MethodName[];
  /** Names of the models to measure; `undefined` for the weights and options of the manifest. */
  readonly models: readonly string[] | undefined;
  /** Part of the data that is used. */
  readonly subset: Subset;
  /** Number of the worst frames to list. */
  readonly worst: number;
}

/**
 * Checks a parsed command line.
 *
 * @throws {UsageError} If there is no data, or there are several models for one file of weights.
 */
export function evaluateCommand(values: OptionValues<typeof OPTIONS>): EvaluateCommand {
  const { data, methods = METHODS, worst = 6, frames, limit, maxSize } = values;
  if (data === undefined) throw new UsageError("`data` must name a video or a folder; see --help", { option: "data" });
  const { model, ...others } = values,
    models = model === undefined ? undefined : [...new Set(model.split(",").map((name) => name.trim()))];
  if (models && models.length > 1 && values.weights !== undefined) {
    throw new UsageError("`weights` are those of one model, and `model` names several; give one of them", {
      option: "weights",
    });
  }
  const taken = models?.find((name) => name === "" || METHODS.some((method) => method === name && method !== "model"));
  if (taken !== undefined) {
    throw new UsageError(`\`model\` must be names of models, separated by commas, got "${model}"`, { option: "model" });
  }
  return { ...others, models, data, methods, worst, subset: { frames, limit, maxSize } };
}
