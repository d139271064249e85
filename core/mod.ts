/**
 * The contracts of slomo: what plugins implement and what hosts call.
 *
 * @module
 */
export * from "./contracts/media.ts";
export * from "./contracts/engine.ts";
export * from "./contracts/finding.ts";
export * from "./contracts/frame.ts";
export * from "./contracts/importer.ts";
export * from "./contracts/parts.ts";
export * from "./contracts/tensors.ts";
export * from "./contracts/weights.ts";
export * from "./errors.ts";
