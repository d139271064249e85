import { UsageError } from "@slomo/core";
import { cString } from "./native.ts";
import { preload } from "./preload.ts";
import { SYMBOLS, type Symbols } from "./symbols.ts";

const RTLD_NOW = 2;

/** Why the system did not load the file, and what to do. */
function reason(path: string, error: unknown): string {
  const detail = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ")
    .replaceAll("Could not open library: ", "");
  if (error instanceof Deno.errors.NotCapable) {
    return `tensorflow: loading ${path} needs --allow-ffi for its folder`;
  }
  if (/register symbol/.test(detail)) {
    return `tensorflow: ${path} lacks a function of TensorFlow's C API (${detail}); run deno task setup for a library that has it`;
  }
  return `tensorflow: cannot load ${path}: ${detail}; run deno task setup, or name another with --libtensorflow DIR`;
}

/**
 * Loads libtensorflow for good. Throws UsageError where the file is missing, is no libtensorflow or may not be loaded.
 */
export function openLibrary(path: string): Symbols {
  let symbols: Symbols;
  preload(path);
  try {
    symbols = Deno.dlopen(path, SYMBOLS).symbols;
  } catch (error) {
    throw new UsageError(reason(path, error), { cause: error });
  }
  // Deno unloads what it opened when the process or a Worker ends, while TensorFlow's threads and exit handlers still
  // run in it. One more reference, never given back, keeps it in memory.
  if (symbols.dlopen(cString(path), RTLD_NOW) === null) {
    throw new UsageError(`tensorflow: ${path} cannot be held in memory`);
  }
  return symbols;
}
