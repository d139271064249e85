/**
 * Training: configurations, the loop, checkpoints, and what people look at meanwhile. See `docs/training.md`.
 *
 * @module
 */
export * from "./loop/checkpoint.ts";
export * from "./loop/config.ts";
export * from "./loop/events.ts";
export type { ActiveLoss, NetworkParameters } from "./loop/forward.ts";
export * from "./loop/losses.ts";
export * from "./loop/networks.ts";
export * from "./loop/optimizer.ts";
export * from "./loop/image_sheet.ts";
export * from "./loop/presets.ts";
export * from "./loop/schedule.ts";
export * from "./loop/tensorboard.ts";
export * from "./loop/train.ts";
export * from "./loop/validate.ts";
