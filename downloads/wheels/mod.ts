/**
 * Wheels of Python packages: finding, downloading and unpacking them.
 *
 * @module
 */
export * from "./fetch_wheels.ts";
export * from "./python.ts";
export * from "./simple_index.ts";
export * from "./unpack.ts";
export * from "./wheel.ts";
