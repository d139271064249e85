/**
 * Weights files without the functions that create tensors.
 *
 * @module
 */
export { checkParameters, WEIGHTS_PREFIXES, type WeightsPrefix } from "./check_parameters.ts";
export { CHECKPOINT_KEY, describeArchitecture, FACTS_KEY, factsSchema, readFacts } from "./facts.ts";
export type { Header, Precision, TensorEntry } from "./header.ts";
export * from "./safetensors.ts";
export * from "./weights_file.ts";
export * from "./write_safetensors.ts";
