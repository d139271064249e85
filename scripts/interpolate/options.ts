import type { ComputePrecision } from "@slomo/engine";
import type { ConvertOptions } from "@slomo/slomo";
import { parseFactor, parseFps, parseTime, type Rational } from "@slomo/core/time";
import { UsageError } from "@slomo/core";
import { presetLines, withPreset } from "./presets.ts";
import { helpText, numberIn, oneOf, parseOptions } from "../_options.ts";

const TABLE = {
  out: {
    value: "DIR",
    help: "Take all names as inputs and write each into DIR under its own name; a folder gives its videos.",
  },
  preset: { value: "NAME", help: "Options for a kind of video: film, animation, screen or slow-motion; see below." },
  factor: { value: "N", help: "N times as many frames: 2 (the default), 4, 2.5 or 5/2." },
  fps: { value: "F", help: "F frames a second from any rate: 60, 59.94 or 60000/1001." },
  "slow-motion": { help: "Keep the frame rate and stretch the time." },
  audio: { value: "MODE", help: "Sound: keep, stretch (the default in slow motion) or drop." },
  start: { value: "TIME", help: "Begin at this time: 12.5 or 1:02:03.5." },
  end: { value: "TIME", help: "End before this time." },
  loop: { help: "Make frames from the last frame into the first too." },
  duplicates: {
    value: "MODE",
    help: "Frames that repeat the one before: fill (the default) puts frames in between in their place, keep does not.",
  },
  "keep-still": {
    help: "Take what stands still (subtitles, logos, HUD) from the frames of the source: nothing smears it.",
  },
  deinterlace: {
    help:
      "Make whole frames of an interlaced video: of each field one, 25 a second become 50; telecined film is undone.",
  },
  "cut-threshold": { value: "X", help: "How unlike two frames must be to be two shots; higher finds fewer. 20." },
  "no-cuts": { help: "Make frames across cuts too." },
  backend: { value: "NAME", help: "What computes: auto (the default), or a name that `deno task doctor` lists." },
  device: {
    value: "NAME",
    help:
      "Where the backend computes, by its own names: for onnx cpu, dml, cuda, webgpu or coreml; for tensorflow cpu or gpu:0.",
  },
  precision: {
    value: "NAME",
    help:
      "Numbers that convolutions are multiplied in: float32 (the default), or bfloat16, rougher and faster, on tensorflow.",
  },
  workers: {
    value: "N",
    help: "Threads on a CPU: pairs computed at once, or for one pair on onnx; 0 starts none (default: one a core).",
  },
  tile: {
    value: "N",
    help: "Fill frames in tiles of N pixels a side, for less memory; by itself where it would not suffice; 0 never.",
  },
  overlap: { value: "N", help: "Pixels that neighboring tiles share at least; a quarter of the tile, 128 or more." },
  "flow-scale": { value: "S", help: "Find motion at S of the size, above 0 and at most 1: 0.5 for 720p and more." },
  model: {
    value: "NAME",
    help: "One of the manifest's models: fast (little more than a quarter of the work) or best (finer flow, slower).",
  },
  weights: { value: "FILE", help: "Weights file in place of the manifest's." },
  manifest: { value: "FILE", help: "Which plugins and parts are used; slomo.json of the toolkit." },
  "allow-plugins": {
    help: "Load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can.",
  },
  codec: {
    value: "NAME",
    help: "Encoder of your ffmpeg: libx264, h264_nvenc, hevc_qsv, libsvtav1, prores_ks, ffv1, …",
  },
  crf: { value: "N", help: "Quality of the encoder, 0 (best) to 63." },
  "pix-fmt": { value: "NAME", help: "Pixel format of the output, by ffmpeg's name." },
  "input-fps": { value: "F", help: "Frames a second of a sequence of images. 25." },
  "flow-out": { value: "DIR", help: "Also write the flow (.flo and color code) and visibility of each made frame." },
  ffmpeg: { value: "PATH", help: "The ffmpeg to use; else $SLOMO_FFMPEG, the PATH, or one from npm." },
  overwrite: { help: "Replace OUT if it is there." },
  resume: { help: "Go on with an interrupted run from the frames that it has finished." },
  plan: { help: "No work: say what would come out, what it takes, and what cannot be kept." },
  json: { help: "Events as lines of JSON on standard output." },
  quiet: { help: "Only warnings and errors." },
  help: { help: "Show this." },
  version: { help: "Show the version." },
} as const;

/** A video and where it goes. */
export interface Target {
  /** Location of the source. */
  readonly input: string;
  /** Location of the target. */
  readonly output: string;
}

/** Videos whose results go into one folder. */
export interface Batch {
  /** Locations of sources, or folders of videos. */
  readonly inputs: readonly string[];
  /** The folder. */
  readonly out: string;
}

/** What a person asked of `deno task interpolate`. */
export interface InterpolateCommand {
  /** What is read and written. */
  readonly videos: Target | Batch;
  /** What is done with each video. */
  readonly job: Omit<ConvertOptions, "resume" | "flowOut" | "signal" | "onEvent">;
  /** Backend by name, or `auto`. */
  readonly backend: string;
  /** Device by the backend's own name. */
  readonly device: string | undefined;
  /** Numbers that convolutions are multiplied in, where said. */
  readonly precision: ComputePrecision | undefined;
  /** Threads on a CPU, where said. */
  readonly workers: number | undefined;
  /** Side of the tiles in which frames are filled, where said; 0 for none. */
  readonly tile: number | undefined;
  /** Pixels that tiles share, where said. */
  readonly overlap: number | undefined;
  /** Size at which flow is found. */
  readonly flowScale: number;
  /** One of the manifest's models, by name. */
  readonly model: string | undefined;
  /** Weights in place of the manifest's. */
  readonly weights: string | undefined;
  /** Manifest in place of the toolkit's. */
  readonly manifest: string | undefined;
  /** Whether plugins from elsewhere may be loaded that the lock file does not hold. */
  readonly allowPlugins: boolean;
  /** The ffmpeg to use. */
  readonly ffmpeg: string | undefined;
  /** Frames a second of a sequence of images. */
  readonly inputFps: Rational | undefined;
  /** Folder for flow and visibility. */
  readonly flowOut: string | undefined;
  /** Whether the work of an interrupted run is used. */
  readonly resume: boolean;
  /** Whether only to say what would happen. */
  readonly plan: boolean;
  /** Whether events go to standard output as JSON. */
  readonly json: boolean;
  /** Whether only warnings and errors are said. */
  readonly quiet: boolean;
}

/** The text of `--help`. */
export const HELP: string = [
  helpText(
    "deno task interpolate IN OUT [options], or deno task interpolate IN... --out DIR [options]",
    "Fills a video with frames in between: IN and OUT are a video (mp4, mkv, webm, mov, gif), a folder of images,\n" +
      "or a pattern such as out/%05d.png.",
    TABLE,
  ),
  "",
  "What the presets set, where you do not set it yourself:",
  "",
  ...presetLines().map((line) => `  ${line}`),
].join("\n");

type Options = ReturnType<typeof parseOptions<typeof TABLE>>["options"];

function sampling({ factor, fps }: Options): Pick<ConvertOptions, "factor" | "fps"> {
  if (factor !== undefined && fps !== undefined) {
    throw new UsageError("--factor and --fps both say how many frames are made; give one of them");
  }
  return {
    factor: factor === undefined ? undefined : parseFactor(factor),
    fps: fps === undefined ? undefined : parseFps(fps),
  };
}

function time(name: string, value: string | undefined): Rational | undefined {
  if (value === undefined) return undefined;
  const seconds = parseTime(value);
  if (seconds) return seconds;
  throw new UsageError(`--${name} must be a time such as 12.5 or 1:02:03.5, got "${value}"`);
}

function cuts(options: Options): ConvertOptions["cuts"] {
  const threshold = numberIn("cut-threshold", options["cut-threshold"], 0, 1000);
  if (!options["no-cuts"]) return { threshold };
  if (threshold === undefined) return false;
  throw new UsageError("--no-cuts and --cut-threshold contradict each other; give one of them");
}

function flowScale(value: string | undefined): number {
  const scale = numberIn("flow-scale", value, 0, 1) ?? 1;
  if (scale === 0) throw new UsageError(`--flow-scale must be above 0 and at most 1, got "${value}"`);
  return scale;
}

function wholeNumber(name: string, value: string | undefined, low: number, high: number): number | undefined {
  const number = numberIn(name, value, low, high);
  if (number === undefined || Number.isInteger(number)) return number;
  throw new UsageError(`--${name} must be a whole number from ${low} to ${high}, got "${value}"`);
}

/** @throws {UsageError} If one of the names is the usual sign for a pipe. */
function refusePipes(names: readonly (string | undefined)[]): void {
  if (!names.includes("-")) return;
  throw new UsageError(
    "videos are read more than once and written in parts, so - cannot be a pipe; name files, or ./-",
  );
}

function videos(names: readonly string[], out: string | undefined): Target | Batch {
  refusePipes([...names, out]);
  if (out !== undefined) {
    if (names.length === 0) throw new UsageError("give at least one IN with --out; see --help");
    return { inputs: names, out };
  }
  const [input, output, ...more] = names;
  if (input === undefined || output === undefined || more.length > 0) {
    throw new UsageError(
      `give one IN and one OUT, or any number of IN with --out DIR, got ${names.length} names; see --help`,
    );
  }
  return { input, output };
}

function tileSide(value: string | undefined): number | undefined {
  const side = wholeNumber("tile", value, 0, 65536);
  if (side === undefined || side === 0 || side >= 128) return side;
  throw new UsageError(`--tile must be 128 or more, or 0 for none, got "${value}"`);
}

/**
 * What a command line asks for, or the word for what it asks to be shown.
 *
 * @throws {UsageError} If it does not fit together.
 */
export function parseInterpolate(args: readonly string[]): InterpolateCommand | "help" | "version" {
  const { options: given, rest } = parseOptions(args, TABLE);
  if (given.help) return "help";
  if (given.version) return "version";
  const options = withPreset(given);
  return {
    videos: videos(rest, options.out),
    job: {
      ...sampling(options),
      slowMotion: options["slow-motion"],
      audio: oneOf("audio", options.audio, ["keep", "stretch", "drop"], undefined),
      start: time("start", options.start),
      end: time("end", options.end),
      loop: options.loop,
      duplicates: oneOf("duplicates", options.duplicates, ["fill", "keep"], undefined),
      keepStill: options["keep-still"],
      deinterlace: options.deinterlace,
      cuts: cuts(options),
      overwrite: options.overwrite,
      encoder: options.codec,
      crf: numberIn("crf", options.crf, 0, 63),
      pixelFormat: options["pix-fmt"],
    },
    backend: options.backend ?? "auto",
    device: options.device,
    precision: oneOf("precision", options.precision, ["float32", "bfloat16"], undefined),
    workers: wholeNumber("workers", options.workers, 0, 256),
    tile: tileSide(options.tile),
    overlap: wholeNumber("overlap", options.overlap, 0, 4096),
    flowScale: flowScale(options["flow-scale"]),
    model: options.model,
    weights: options.weights,
    manifest: options.manifest,
    allowPlugins: options["allow-plugins"],
    ffmpeg: options.ffmpeg,
    inputFps: options["input-fps"] === undefined ? undefined : parseFps(options["input-fps"]),
    flowOut: options["flow-out"],
    resume: options.resume,
    plan: options.plan,
    json: options.json,
    quiet: options.quiet,
  };
}
