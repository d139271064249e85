/**
 * Source files of slomo and of plugins: their imports, and hashes to detect changes. This entry point uses
 * `Deno` and does not run in browsers.
 *
 * @module
 */
export * from "./scan_source.ts";
export * from "./source_facts.ts";
export * from "./source_hash.ts";
