/**
 * Weights files: safetensors with a description of the networks in their metadata. See `docs/weights.md`.
 *
 * @module
 */
export { describeArchitecture, FACTS_KEY, factsSchema, readFacts } from "./facts.ts";
export type { Header, Precision, TensorEntry } from "./header.ts";
export * from "./load.ts";
export * from "./safetensors.ts";
export * from "./weights_file.ts";
export * from "./write_safetensors.ts";
