/**
 * The conformance kit: tests that a plugin's parts meet their contracts.
 *
 * @module
 */
export { conformanceCases } from "./conformance.ts";
export type { MediaTrial } from "./options.ts";
export { conformsAs } from "./conformance.ts";
export { CASE_NAMES } from "./options.ts";
export type { CaseName, ConformanceCase, ConformanceOptions } from "./options.ts";
