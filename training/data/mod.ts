/**
 * Training data: clips cut from videos, synthetic motion, and batches of both. See `docs/training.md`.
 *
 * @module
 */
export type { AugmentOptions } from "./augment.ts";
export * from "./batch.ts";
export * from "./clips/clip_index.ts";
export { type ReadClip } from "./clips/clip_reader.ts";
export * from "./clips/clip_source.ts";
export * from "./loader.ts";
export * from "./mixture.ts";
export * from "./random.ts";
export * from "./sample.ts";
export type { SceneOptions } from "./synthetic/scene.ts";
export * from "./synthetic/source.ts";
export { drawProceduralTexture, type DrawTexture } from "./synthetic/texture.ts";
export * from "./clips/cut_clips.ts";
export { createDuplicateFilter } from "./clips/fingerprint.ts";
export * from "./clips/layouts.ts";
