/**
 * Ops that tfjs-core lacks.
 *
 * @module
 */
export * from "./pad_edges.ts";
