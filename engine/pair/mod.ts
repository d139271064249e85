/**
 * Networks of a frame pair: flow once per pair, then a frame for each time. Graph runtimes are built on them.
 *
 * @module
 */
export * from "./network_runner.ts";
export * from "./pair_networks.ts";
export * from "./pixel_range.ts";
