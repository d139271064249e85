/**
 * The manifest: which plugins are loaded, which of their parts fill which slots, and the toolkit made from them.
 *
 * @module
 */
export * from "./describe_options.ts";
export * from "./edit.ts";
export { manifestJsonSchema } from "./json_schema.ts";
export * from "./manifest.ts";
export { nearest } from "./nearest.ts";
export * from "./options_error.ts";
export { parseManifest } from "./parse.ts";
export * from "./pick_model.ts";
export * from "./plugin_loader.ts";
export * from "./resolve.ts";
export * from "./toolkit.ts";
