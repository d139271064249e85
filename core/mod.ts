/**
 * The contracts of slomo: the interfaces that plugins implement and hosts call, and the errors that both throw; and checks of
 * JSON that users write.
 *
 * @module
 */
export * from "./contracts/media.ts";
export * from "./contracts/engine.ts";
export * from "./contracts/finding.ts";
export * from "./contracts/frame.ts";
export * from "./contracts/importer.ts";
export * from "./contracts/models.ts";
export * from "./contracts/parts.ts";
export * from "./contracts/segments.ts";
export * from "./contracts/tensors.ts";
export * from "./contracts/weights.ts";
export * from "./errors.ts";
export * from "./json.ts";
