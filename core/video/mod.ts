/**
 * The video pipeline: from a stream of source frames, or from file to file, to a stream with interpolated frames.
 *
 * @module
 */
export type { FillOptions } from "./fill_intervals.ts";
export {
  annotateContent,
  type FrameOptions,
  type FrameReader,
  type FrameReports,
  interpolate,
  type InterpolateOptions,
  type IntervalChoice,
} from "./interpolate.ts";
export * from "./pace.ts";
export { checkPairs, type PairsFile, pairsJsonSchema, type PairTreatment, parsePairs } from "./pairs.ts";
export * from "./peek.ts";
export * from "./prepare_job.ts";
export { beginReading, type JobEvent, type JobSummary, runJob, type RunOptions } from "./run_job.ts";
export * from "./survey_job.ts";
export { outputTimebase, type Sampling } from "./timeline.ts";
export * from "./unless_aborted.ts";
