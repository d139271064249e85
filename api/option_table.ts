/**
 * Definitions of the options of `openSlomo()`, `Slomo.frames()` and `Slomo.convert()`, for command lines and forms.
 *
 * @module
 */
import type { OptionTable } from "@slomo/core/options";
import type { ConvertOptions, FramesOptions, SlomoOptions } from "./options.ts";

export { PRESETS } from "./presets.ts";

/** Options for functions, signals and facts about the process, which no command line or form sets. */
type Hidden =
  | "signal"
  | "details"
  | "hold"
  | "onDownload"
  | "onEvent"
  | "onNote"
  | "onWarning"
  | "memoryLimit"
  | "selectDevice";

type TableFor<T> = { readonly [K in Exclude<keyof T, Hidden>]-?: OptionTable[string] };

const TIME = "Frames and time", CONTENT = "Content", OUTPUT = "Output", MODEL = "Model and backend";

/** Options that determine the output frames. */
export const FRAME_OPTIONS = {
  factor: {
    ...{ kind: "factor", value: "N", group: TIME, default: "2", excludes: ["fps", "slow", "retime"] },
    help: "Output N frames for each source frame, such as 4, 2.5 or 5/2; 1 adds no frames",
  },
  fps: {
    ...{ kind: "rate", value: "F", group: TIME, excludes: ["factor"] },
    help: "Output F frames per second at exact times, such as 60, 59.94 or 60000/1001; also fewer than the source has",
  },
  slow: {
    ...{ kind: "texts", value: "RANGE=FACTOR", group: TIME, excludes: ["retime", "slowMotion"] },
    help: "Play a range FACTOR times slower and the rest as it is, such as 1:02-1:10=8; below 1 is faster; repeatable",
  },
  ease: {
    ...{ kind: "time", value: "SECONDS", group: TIME, default: "0.5", excludes: ["retime"] },
    help: "Change the speed within SECONDS of the source before and after each range of `slow`; 0 changes it at once",
  },
  retime: {
    ...{ kind: "path", value: "FILE", group: TIME, excludes: ["slowMotion"] },
    help: "Follow the keyframes in a JSON file: speeds over the source, or times of the source, also held or backward",
  },
  shutter: {
    ...{
      kind: "number",
      min: 0,
      max: 360,
      value: "ANGLE",
      group: TIME,
      default: "0",
      excludes: ["factor", "slowMotion"],
    },
    help: "Add the motion blur of a shutter of ANGLE degrees, such as 180, with `fps`, `slow` or `retime`; 0 is off",
  },
  slowMotion: {
    ...{ kind: "switch", group: TIME },
    help: "Keep the frame rate, so that the video becomes longer",
  },
  start: {
    ...{ kind: "time", value: "TIME", group: TIME, default: "start of the video" },
    help: "Start at TIME, such as 12.5 or 1:02:03.5",
  },
  end: {
    ...{ kind: "time", value: "TIME", group: TIME, default: "end of the video" },
    help: "Stop before TIME",
  },
  loop: {
    ...{ kind: "switch", group: TIME },
    help: "Interpolate from the last frame to the first, for a seamless loop",
  },
  cuts: {
    ...{ kind: "number", min: 0, max: 1000, value: "X", group: CONTENT, default: "20" },
    ...{ flag: "cut-threshold", offFlag: "no-cuts" },
    help: "Set the threshold of the scene cut detector; a higher one finds fewer cuts",
    offHelp: "Interpolate across scene cuts; otherwise the nearer frame is repeated there",
  },
  duplicates: {
    ...{ kind: "choice", value: "MODE", group: CONTENT, default: "fill" },
    choices: ["fill", "keep"],
    help: "Replace duplicate frames, up to a third of a second, by interpolated frames, or keep them",
  },
  pairs: {
    ...{ kind: "path", value: "FILE", group: CONTENT },
    help: "Hold, cut or blend the frame pairs that a JSON file lists, with frame numbers as `plan` shows them",
  },
  keepStill: {
    ...{ kind: "switch", group: CONTENT },
    help: "Copy still regions (subtitles, logos, HUD) from the source frames, so that they stay sharp",
  },
  grain: {
    ...{ kind: "choice", value: "MODE", group: CONTENT, default: "unchanged" },
    choices: ["match"],
    help: "Give interpolated frames the noise of the source frames, part of which interpolation averages away",
  },
  deinterlace: {
    ...{ kind: "switch", group: CONTENT },
    help: "Deinterlace to one frame per field (25 frames per second become 50, before `factor`), and undo telecine",
  },
} as const satisfies TableFor<FramesOptions>;

/** Options of a conversion from file to file, in addition to {@linkcode FRAME_OPTIONS}. */
export const CONVERT_OPTIONS = {
  audio: {
    ...{ kind: "choice", value: "MODE", group: OUTPUT },
    choices: ["keep", "stretch", "drop"],
    help: "Copy audio, stretch it with the video, or drop it; with `slow` and `retime`, keep is in sync at speed 1",
    default: "stretch if the speed changes, else keep",
  },
  encoder: {
    ...{ kind: "text", flag: "codec", value: "NAME", group: OUTPUT, default: "by container" },
    help: "Encode with an encoder of your ffmpeg, such as libx264, h264_nvenc, hevc_qsv, libsvtav1, prores_ks or ffv1",
  },
  crf: {
    ...{ kind: "number", min: 0, max: 63, value: "N", group: OUTPUT, default: "the encoder's" },
    help: "Set the constant rate factor, from 0 (best) to 63",
  },
  pixelFormat: {
    ...{ kind: "text", flag: "pix-fmt", value: "NAME", group: OUTPUT },
    help: "Set the pixel format of the output, by ffmpeg's name",
    default: "the source's, if the encoder supports it",
  },
  flowOut: {
    ...{ kind: "path", value: "DIR", group: OUTPUT },
    help: "Also write optical flow (.flo and color code) and visibility of each interpolated frame to DIR",
  },
  overwrite: { kind: "switch", group: OUTPUT, help: "Replace an existing output" },
  resume: { kind: "switch", group: OUTPUT, help: "Continue an interrupted run from its finished segments" },
} as const satisfies TableFor<Omit<ConvertOptions, keyof FramesOptions>>;

/** Options that choose the model, the backend and the device. */
export const MODEL_OPTIONS = {
  model: {
    ...{ kind: "text", value: "NAME", group: MODEL, default: "the weights and options of the manifest" },
    help:
      "Use a model that the task models lists; best has the best frames, fast takes two thirds of the default's time; the " +
      "task models downloads both",
  },
  weights: {
    ...{ kind: "path", value: "FILE", group: MODEL, default: "those of the manifest" },
    help: "Load weights from FILE",
  },
  modelsUrl: {
    ...{ kind: "text", value: "URL", group: MODEL, default: "$SLOMO_MODELS_URL" },
    help: "Download shipped models that are not on this machine from the folder at URL",
  },
  manifest: {
    ...{ kind: "path", value: "FILE", group: MODEL, default: "the shipped slomo.json" },
    help: "Load plugins and their options from the manifest FILE",
  },
  backend: {
    ...{ kind: "text", value: "NAME", group: MODEL, default: "auto, the fastest that works" },
    help: "Compute on a backend that the task doctor lists: onnx, webgpu, tensorflow, wasm or cpu",
  },
  device: {
    ...{ kind: "text", value: "NAME", group: MODEL, default: "the backend's" },
    help: "Compute on a device of the backend: cpu, dml, cuda, webgpu or coreml for onnx; cpu or gpu:0 for tensorflow",
  },
  precision: {
    ...{ kind: "choice", value: "NAME", group: MODEL, default: "float32" },
    choices: ["float32", "float16", "bfloat16"],
    help:
      "Set the number format of convolutions: float16 and bfloat16 are faster and less accurate; float16 needs onnx " +
      "on a GPU, bfloat16 needs tensorflow",
  },
  workers: {
    ...{ kind: "number", min: 0, max: 256, isInteger: true, value: "N", group: MODEL, default: "one per core" },
    help: "Use N threads of the CPU; 0 computes in no worker",
  },
  tile: {
    ...{ kind: "number", min: 128, max: 65536, isInteger: true, orZero: true, value: "N", group: MODEL },
    help: "Interpolate in tiles of N pixels a side, to use less memory; 0 for whole frames",
    default: "by free memory",
  },
  overlap: {
    ...{ kind: "number", min: 0, max: 4096, isInteger: true, value: "N", group: MODEL },
    help: "Overlap neighboring tiles by N pixels",
    default: "a quarter of the tile, 128 or more",
  },
  flowScale: {
    ...{ kind: "number", min: 0, max: 1, isAboveMin: true, value: "S", group: MODEL, default: "1" },
    help: "Estimate optical flow at S of the frame size; 0.5 finds larger motion in 720p and more, in less time",
  },
  inputFps: {
    ...{ kind: "rate", value: "F", group: "Input", default: "25" },
    help: "Read image sequences at F frames per second",
  },
  ffmpeg: {
    ...{ kind: "path", value: "PATH", group: "Input", default: "$SLOMO_FFMPEG, the PATH, or a downloaded one" },
    help: "Use this ffmpeg, or the one in this folder",
  },
} as const satisfies TableFor<SlomoOptions>;
