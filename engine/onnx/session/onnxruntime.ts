import type * as Module from "onnxruntime-node";
import { reasonOf, UsageError } from "@slomo/core";

/** The package `onnxruntime-node`. */
export type Onnxruntime = typeof Module;

/**
 * Specifier of onnxruntime. It is in a variable because Deno downloads every specifier that it can read before a program starts, and this
 * package is large. Must equal the version in deno.json.
 */
export const ONNXRUNTIME = "npm:onnxruntime-node@1.30.0";

/** Returns the first line of an error of onnxruntime, without the source location and the failed condition. */
export function causeOf(error: unknown): string {
  return reasonOf(error).replace(/^\S+:\d+ .* was (true|false)\. /, "").replace(/^\S+:\d+ \S+ /, "").replace(/\.$/, "");
}

/**
 * Loads onnxruntime with the native libraries of its package.
 *
 * @throws {UsageError} If there are none for this machine, or the package cannot be downloaded.
 */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  try {
    const module: Onnxruntime = await import(ONNXRUNTIME);
    // Its errors are thrown; if they were printed too, they would look like those of slomo.
    module.env.logLevel = "fatal";
    return module;
  } catch (error) {
    throw new UsageError(`onnx: cannot load onnxruntime: ${reasonOf(error)}; choose another \`backend\``, {
      code: "no-backend",
      option: "backend",
    });
  }
}
