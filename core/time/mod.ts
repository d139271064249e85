/**
 * Exact time: rational numbers, and the reading of rates, factors and times.
 *
 * @module
 */
export * from "./parse.ts";
export * from "./rational.ts";
