import { UsageError } from "@slomo/core";
import type { PairEngine } from "@slomo/core";
import type { Manifest } from "@slomo/core/manifest";
import { parseFactor, parseFps, parseTime, type Rational, rational } from "@slomo/core/time";
import type { FrameOptions, JobEvent, JobOptions, Sampling } from "@slomo/core/video";
import type { ComputePrecision, SelectDevice } from "@slomo/engine";
import { curveOf, type PairOptions, pairsOf, type TimeOptions } from "./time_options.ts";

/** Progress of a download. */
export interface DownloadProgress {
  /** Name of the file. */
  readonly file: string;
  /** Bytes received so far. */
  readonly done: number;
  /** Size in bytes. */
  readonly total: number;
}

/** Options of `openSlomo`: the model, the backend and the device. */
export interface SlomoOptions {
  /** Manifest: its path or URL, or the manifest itself with absolute specifiers. @default {the shipped one} */
  readonly manifest?: string | URL | Manifest | undefined;
  /** Name of one of the manifest's models (`small`) or of an installed one (`best`, `fast`). @default {the manifest's own weights and options} */
  readonly model?: string | undefined;
  /** Weights file, by path or URL. @default {the manifest's or the model's} */
  readonly weights?: string | URL | undefined;
  /** Backend by name: `onnx`, `tensorflow`, `webgpu`, `wasm`, `cpu`. @default {"auto"} */
  readonly backend?: string | undefined;
  /** Device by the backend's own name: `cpu`, `cuda`, `gpu:0`. @default {the backend's} */
  readonly device?: string | undefined;
  /** Number format of the products in convolutions. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /**
   * Chooses a GPU if neither a backend nor a device is named. The default measures it once in a separate process and
   * remembers the result; `() => Promise.resolve(undefined)` chooses none.
   */
  readonly selectDevice?: SelectDevice | undefined;
  /** Threads of the CPU, in workers; 0 computes in the calling thread. @default {one per core} */
  readonly workers?: number | undefined;
  /** Side of the tiles in which frames are interpolated, 128 pixels or more; 0 for whole frames. @default {by free memory} */
  readonly tile?: number | undefined;
  /** Overlap of neighboring tiles in pixels. @default {a quarter of the tile, 128 or more} */
  readonly overlap?: number | undefined;
  /** Scale at which flow is estimated, above 0 and at most 1. @default {1} */
  readonly flowScale?: number | undefined;
  /** Limit of memory in bytes, if lower than the free memory. */
  readonly memoryLimit?: number | undefined;
  /** Frame rate of image sequences and of frames without a time. @default {25} */
  readonly inputFps?: number | string | Rational | undefined;
  /** The ffmpeg to use: path of the program or of its folder. @default {`$SLOMO_FFMPEG`, the PATH, or a downloaded one} */
  readonly ffmpeg?: string | undefined;
  /** URL of the folder from which shipped models are downloaded if they are not on disk. @default {`$SLOMO_MODELS_URL`} */
  readonly modelsUrl?: string | URL | undefined;
  /** Called with the progress of a model's download. */
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
  /** Called with messages about the chosen backend, device and tiles. */
  readonly onNote?: ((message: string) => void) | undefined;
}

/** Options that determine the output frames. */
export interface FramesOptions extends TimeOptions, PairOptions {
  /** Output frames per source frame, from 1, which adds none: `2`, `2.5`, `"5/2"`. @default {2} */
  readonly factor?: number | string | Rational | undefined;
  /**
   * Output frame rate in frames per second, instead of a factor, also below that of the source: `60`, `"59.94"`,
   * `"60000/1001"`.
   */
  readonly fps?: number | string | Rational | undefined;
  /**
   * Angle of the shutter in degrees, from 0 to 360, for motion blur: each output frame is the mean of frames over
   * `shutter / 360` of its duration. Needs `fps`, `slow` or `retime`. @default {0, which is off}
   */
  readonly shutter?: number | undefined;
  /** Whether the frame rate stays and the video becomes longer. @default {false} */
  readonly slowMotion?: boolean | undefined;
  /** Start of the part to process: seconds, or `"1:02:03.5"`. @default {the first frame} */
  readonly start?: number | string | Rational | undefined;
  /** End of the part to process. @default {the last frame} */
  readonly end?: number | string | Rational | undefined;
  /** Whether frames are interpolated from the last frame to the first. @default {false} */
  readonly loop?: boolean | undefined;
  /** Threshold of the scene cut detector; `false` interpolates across cuts. @default {{ threshold: 20 }} */
  readonly cuts?: { readonly threshold?: number | undefined } | false | undefined;
  /** Whether duplicate frames are replaced by interpolated ones. @default {"fill"} */
  readonly duplicates?: "fill" | "keep" | undefined;
  /** Whether still regions such as subtitles and logos are taken from the source frames. @default {false} */
  readonly keepStill?: boolean | undefined;
  /** Whether interpolated frames get the noise of the source frames. @default {noise is not changed} */
  readonly grain?: "match" | undefined;
  /** Whether interlaced video is deinterlaced, and telecine undone. @default {false} */
  readonly deinterlace?: boolean | undefined;
  /** Whether interpolated frames carry their flow and visibility. @default {false} */
  readonly details?: boolean | undefined;
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with warnings. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of a conversion from file to file. */
export interface ConvertOptions extends Omit<FramesOptions, "details" | "onWarning"> {
  /**
   * Audio: copied, stretched with the video, or dropped. With `slow` and `retime`, kept audio is in sync where the speed is 1.
   *
   * @default {stretch if the speed changes, else keep}
   */
  readonly audio?: "keep" | "stretch" | "drop" | undefined;
  /** Whether an existing output is replaced. @default {false} */
  readonly overwrite?: boolean | undefined;
  /** Whether finished segments of an interrupted conversion are used. @default {false} */
  readonly resume?: boolean | undefined;
  /** Encoder by ffmpeg's name: `libx264`, `ffv1`. @default {by container} */
  readonly encoder?: string | undefined;
  /** Constant rate factor of the encoder, 0 (best) to 63. */
  readonly crf?: number | undefined;
  /** Pixel format by ffmpeg's name: `yuv420p10le`. @default {the source's, if the encoder supports it} */
  readonly pixelFormat?: string | undefined;
  /** Folder that receives flow (`.flo` and color code) and visibility of each interpolated frame. */
  readonly flowOut?: string | undefined;
  /**
   * Called before each output frame; the conversion waits for the promise that it returns. This pauses a conversion without
   * losing work.
   */
  readonly hold?: (() => Promise<void> | undefined) | undefined;
  /** Called with progress, notes and warnings. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
}

/** Options of a conversion in segments. */
export interface SegmentOptions extends Omit<ConvertOptions, "resume" | "hold" | "onEvent"> {
  /** Folder of the plan and the segments. @default {`OUTPUT.segments`} */
  readonly folder?: string | undefined;
}

type Number = number | string | Rational;

const isRational = (value: Number): value is Rational => typeof value === "object";

/** Returns the factor as a rational number. @throws {UsageError} If it is not from 1 to 1000. */
function factorOf(value: Number): Rational {
  return parseFactor(isRational(value) ? `${value.num}/${value.den}` : `${value}`);
}

/** Returns the frame rate as a rational number. @throws {UsageError} If it is not above 0. */
export function rateOf(value: Number): Rational {
  return parseFps(isRational(value) ? `${value.num}/${value.den}` : `${value}`);
}

function secondsOf(option: "start" | "end", value: Number | undefined): Rational | undefined {
  if (value === undefined || isRational(value)) return value;
  const seconds = parseTime(`${value}`);
  if (seconds) return seconds;
  throw new UsageError(`\`${option}\` must be a time such as 12.5 or 1:02:03.5, got "${value}"`, { option });
}

/**
 * Returns the times of the output frames.
 *
 * @throws {UsageError} If options exclude each other, or one is out of range.
 */
async function samplingOf(options: FramesOptions): Promise<Sampling> {
  const { factor, fps } = options, curve = await curveOf(options);
  if (curve) return { kind: "curve", curve, fps: fps === undefined ? undefined : rateOf(fps) };
  if (factor !== undefined && fps !== undefined) {
    throw new UsageError("`factor` and `fps` both set the number of output frames; give one of them", {
      option: "fps",
    });
  }
  if (fps !== undefined) return { kind: "fps", fps: rateOf(fps) };
  return { kind: "factor", factor: factor === undefined ? rational(2) : factorOf(factor) };
}

/**
 * Returns the options of the pipeline that determine the output frames.
 *
 * @throws {UsageError} If options exclude each other, or one is out of range.
 */
export async function frameOptionsOf(options: FramesOptions): Promise<FrameOptions> {
  const { cuts, duplicates, keepStill, grain, loop, shutter } = options;
  return {
    sampling: await samplingOf(options),
    cuts,
    duplicates,
    keepStill,
    grain,
    loop,
    shutter: shutter || undefined,
    pairs: await pairsOf(options.pairs),
  };
}

/**
 * Returns the start and end of the part to process, in seconds from the first frame.
 *
 * @throws {UsageError} If one of them is not a time.
 */
export function rangeOf({ start, end }: FramesOptions): Pick<JobOptions, "start" | "end"> {
  return { start: secondsOf("start", start), end: secondsOf("end", end) };
}

/** Returns the options of the pipeline for a conversion. */
export async function requestOf(input: string, output: string, options: ConvertOptions): Promise<JobOptions> {
  const { slowMotion, audio, deinterlace, overwrite, encoder, crf, pixelFormat } = options;
  return {
    ...{ input, output, frames: await frameOptionsOf(options), ...rangeOf(options) },
    ...{ slowMotion, audio, deinterlace, overwrite, encoder, crf, pixelFormat },
  };
}

/** Describes an engine in one line for people. */
export function engineText({ backend, device, parallel }: PairEngine): string {
  return `computing on ${backend} (${device}${parallel > 1 ? `, ${parallel} workers` : ""})`;
}
