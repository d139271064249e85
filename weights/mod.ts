/**
 * Weights files: safetensors with a description of the networks in their metadata. See `docs/weights.md`.
 *
 * @module
 */
export * from "./file.ts";
export * from "./load.ts";
