/**
 * Measures methods that make frames by frames that were held out.
 *
 * @module
 */
export * from "./evaluate.ts";
export * from "./filter_method.ts";
export * from "./methods.ts";
export * from "./resize.ts";
export * from "./triplets.ts";
