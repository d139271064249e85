/**
 * Definitions of options as data: command lines, forms and pages of documentation are made from them.
 *
 * @module
 */
export * from "./definition.ts";
export { readOption } from "./read.ts";
