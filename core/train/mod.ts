/**
 * Training: configurations, the loop, checkpoints, and what people look at meanwhile. See `docs/training.md`.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./config.ts";
export * from "./events.ts";
export type { ActiveLoss, NetworkParameters } from "./forward.ts";
export * from "./losses.ts";
export * from "./networks.ts";
export * from "./optimizer.ts";
export * from "./picture_sheet.ts";
export * from "./presets.ts";
export * from "./schedule.ts";
export * from "./tensorboard/event_file.ts";
export * from "./train.ts";
export * from "./validate.ts";
