/**
 * Source files of slomo and of plugins: their imports, and hashes that tell whether they changed. This entry point uses
 * `Deno` and does not run in browsers.
 *
 * @module
 */
export * from "./scan_source.ts";
export * from "./source_hash.ts";
