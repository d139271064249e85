/**
 * The conformance kit: what a plugin's parts must do, as tests.
 *
 * @module
 */
export { conformanceCases } from "./cases.ts";
export type { MediaTrial } from "./media_trial.ts";
export { conformsAs } from "./conforms_as.ts";
export type { CaseName, ConformanceCase, ConformanceOptions } from "./options.ts";
