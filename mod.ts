/**
 * Video frame interpolation with Super SloMo, as a library.
 *
 * @module
 */
export * from "@slomo/core";
export * from "@slomo/core/frames";
export * from "@slomo/core/manifest";
export * from "@slomo/core/time";
export * from "@slomo/core/video";
export * from "@slomo/engine";
export { readWeights, type WeightsFile } from "@slomo/weights";
export { BACKENDS } from "./api/backends.ts";
