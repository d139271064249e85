/**
 * The manifest of plugins, parts and weights: its schema, loading of plugins, and the toolkit that creates the parts.
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
export { MODEL_NAME, parseRegistry, type Registry, registryJsonSchema } from "./registry.ts";
export { createToolkit, type Networks, type Toolkit, type WeightedLoss } from "./toolkit.ts";
