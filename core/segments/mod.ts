/**
 * Videos in segments: one process plans them, and any processes make them, in any order. The frames equal those of
 * `runJob()`. This entry point uses `node:zlib` and does not run in browsers.
 *
 * @module
 */
export { decodeShard, decodeTask, encodeShard, encodeTask } from "./task_text.ts";
export * from "./merge_shards.ts";
export * from "./near_end.ts";
export * from "./plan_segments.ts";
export * from "./scan_shard.ts";
export * from "./segment_frames.ts";
export * from "./task.ts";
export type { Interval } from "../video/intervals.ts";
export type { OutputTime } from "../video/timeline.ts";
