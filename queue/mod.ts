/**
 * Videos in segments over a queue: submitters and workers on any number of machines, with Redis, Valkey or PostgreSQL between
 * them. The folder of the segments records their state; the queue only distributes the steps, and may be lost.
 *
 * @module
 */
export { untilAnswered } from "./answer.ts";
export { QueueClient, type SubmitOptions } from "./client.ts";
export type { SegmentProgress, VideoData, VideoPlan, VideoShards } from "./jobs.ts";
export { openQueueServer, type QueueServer } from "./server.ts";
export type { ActiveSegment, VideoPhase, VideoState } from "./states.ts";
export * from "./worker.ts";
