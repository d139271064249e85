/**
 * Backends and engines.
 *
 * @module
 */
export * from "./gradients.ts";
