/**
 * Video frame interpolation with Super SloMo, as a library.
 *
 * {@linkcode openSlomo} opens the shipped model; {@linkcode Slomo.convert} works from file to file,
 * {@linkcode Slomo.frames} frame by frame. The packages behind it are published too: `@slomo/core` for plugin authors,
 * `@slomo/engine` to run networks, `@slomo/training` to train them.
 *
 * @example Draw every frame of a video at twice its rate
 * ```ts
 * import { openSlomo } from "@slomo/slomo";
 *
 * async function play(location: string, canvas: { putImageData(pixels: ImageData, x: number, y: number): void }) {
 *   await using slomo = await openSlomo();
 *   for await (const frame of slomo.frames(location, { factor: 2 })) canvas.putImageData(frame.toRgba(), 0, 0);
 * }
 * ```
 *
 * @module
 */
export type {
  Color,
  ErrorDetails,
  Frame,
  Image,
  JobErrorCode,
  MediaHandler,
  MediaInfo,
  PairDetails,
  PixelFormat,
  Plane,
  UsageErrorCode,
} from "@slomo/core";
export { JobError, UsageError } from "@slomo/core";
export type { Manifest, Toolkit } from "@slomo/core/manifest";
export type { CurveSample, PositionKeyframe, Retime, SlowRange, SpeedKeyframe } from "@slomo/core/retime";
export type { Rational } from "@slomo/core/time";
export type { JobEvent, JobSummary, PairCost, PairTreatment, PreparedJob, Survey } from "@slomo/core/video";
export { type FrameInput, OutputFrame, SourceFrame, TimedFrame } from "./api/frames.ts";
export type { ConvertOptions, DownloadProgress, FramesOptions, SegmentOptions, SlomoOptions } from "./api/options.ts";
export type { PairOptions, TimeOptions } from "./api/time_options.ts";
export { type ConversionEstimate, type ConversionPlan, planFacts } from "./api/plan_facts.ts";
export { imageFromRgba, imageToRgba, type RgbaImage } from "./api/rgba.ts";
export type { SegmentedConversion, SegmentPlanOptions, SegmentRun, SplitOptions } from "./api/segmented_conversion.ts";
export type { PlannedModel } from "./api/planned_model.ts";
export { openSlomo, Slomo } from "./api/slomo.ts";
