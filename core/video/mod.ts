/**
 * The video pipeline: from a stream of source frames, or from file to file, to a stream with interpolated frames.
 *
 * @module
 */
export * from "./interpolate.ts";
export * from "./prepare_job.ts";
export * from "./run_job.ts";
export * from "./survey_job.ts";
export { outputTimebase, type Sampling } from "./timeline.ts";
