/**
 * The networks of one frame pair: flow once, then a frame at each time, between images and tensors.
 *
 * @module
 */
export { checkNumbers, type MadeBy } from "./check_numbers.ts";
export * from "./compute_pair.ts";
export * from "./frame_arrays.ts";
export * from "./pair_networks.ts";
export * from "./pixel_range.ts";
