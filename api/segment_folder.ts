/**
 * The folder of a video in segments: reads its plan, and the shards that a long source is scanned in.
 *
 * @module
 */
export { readPlan, type StoredPlan } from "./segment_plan.ts";
export { readShardSet, type ShardSet } from "./shard_set.ts";
