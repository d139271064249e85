/**
 * The contracts, the manifest, and the pipelines of slomo: what plugins fit into and what scripts call.
 *
 * @module
 */
export * from "./contracts/codec.ts";
export * from "./contracts/engine.ts";
export * from "./contracts/frame.ts";
export * from "./contracts/parts.ts";
export * from "./contracts/tensors.ts";
export * from "./contracts/weights.ts";
export * from "./errors.ts";
export * from "./frames/alpha.ts";
export * from "./frames/colour.ts";
export * from "./frames/image.ts";
export { type ColourMeaning, colourMeaning } from "./frames/matrix.ts";
export * from "./time/rational.ts";
