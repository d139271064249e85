/**
 * The manifest: which plugins are loaded, which of their parts fill which slots, and the toolkit made from them.
 *
 * @module
 */
export * from "./describe_options.ts";
export * from "./edit.ts";
export { manifestJsonSchema } from "./json_schema.ts";
export * from "./manifest.ts";
export { nearest, parseManifest } from "./parse.ts";
export * from "./pick_model.ts";
export * from "./plugin_loader.ts";
export { createToolkit, type Networks, type Toolkit, type WeightedLoss } from "./toolkit.ts";
