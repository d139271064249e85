/**
 * Files that slomo downloads when they are first needed, verified by SHA-256 and kept in its cache.
 *
 * @module
 */
export * from "./cache_folder.ts";
export * from "./download.ts";
export * from "./ffmpeg.ts";
export * from "./lock.ts";
