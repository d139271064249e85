/**
 * Exact time: rational numbers, and parsing of rates, factors and times.
 *
 * @module
 */
export * from "./parse.ts";
export * from "./rational.ts";
