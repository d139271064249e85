/**
 * Evaluation of interpolation methods on held-out frames.
 *
 * @module
 */
export * from "./evaluate.ts";
export * from "./filter_method.ts";
export * from "./methods.ts";
export * from "./resize.ts";
export * from "./triplets.ts";
