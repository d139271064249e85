import type * as Module from "onnxruntime-node";
import { UsageError } from "@slomo/core";

/** The package. */
export type Onnxruntime = typeof Module;

/**
 * In a variable, since Deno fetches every specifier that it can read before a program starts, and this package is large.
 * Must be the version in deno.json.
 */
const SPECIFIER = "npm:onnxruntime-node@1.30.0";

/**
 * Loads onnxruntime with the binaries inside its package.
 *
 * @throws {UsageError} If there is none for this machine, or it cannot be fetched.
 */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  try {
    const module: Onnxruntime = await import(SPECIFIER);
    // Its errors are thrown; printed too, they would look like ours.
    module.env.logLevel = "fatal";
    return module;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new UsageError(`onnx: onnxruntime cannot be loaded here: ${reason}; take another --backend`);
  }
}
