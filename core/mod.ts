/**
 * The contracts, the manifest, and the pipelines of slomo: what plugins fit into and what scripts call.
 *
 * @module
 */
export * from "./contracts/codec.ts";
export * from "./contracts/engine.ts";
export * from "./contracts/finding.ts";
export * from "./contracts/frame.ts";
export * from "./contracts/parts.ts";
export * from "./contracts/tensors.ts";
export * from "./contracts/weights.ts";
export * from "./errors.ts";
export { alphaOf, imageToRgb, rgbToImage } from "./frames/colour.ts";
export * from "./frames/flo.ts";
export { flowPicture } from "./frames/flow_picture.ts";
export { planeSizes } from "./frames/image.ts";
export { type ColourMeaning, colourMeaning } from "./frames/matrix.ts";
export * from "./manifest/describe_options.ts";
export * from "./manifest/edit.ts";
export { manifestJsonSchema } from "./manifest/json_schema.ts";
export * from "./manifest/manifest.ts";
export * from "./manifest/options_error.ts";
export * from "./manifest/origin.ts";
export { parseManifest } from "./manifest/parse.ts";
export * from "./manifest/pick_model.ts";
export * from "./manifest/plugin_loader.ts";
export * from "./manifest/resolve.ts";
export * from "./manifest/toolkit.ts";
export * from "./pipeline/interpolate.ts";
export * from "./pipeline/open_engine.ts";
export * from "./pipeline/prepare_job.ts";
export * from "./pipeline/run_job.ts";
export * from "./pipeline/survey_job.ts";
export type { TileOptions } from "./pipeline/tiles/grid.ts";
export type { ComputePrecision } from "./runtime/backend.ts";
export type { Sampling } from "./pipeline/timeline.ts";
export * from "./time/parse.ts";
export * from "./frames/repeats.ts";
export * from "./frames/scenes.ts";
export * from "./time/rational.ts";
