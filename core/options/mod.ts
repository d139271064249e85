/**
 * Definitions of options as data, from which command lines, forms and documentation are generated.
 *
 * @module
 */
export * from "./definition.ts";
export { readOption } from "./read.ts";
