import { getGradient } from "@tensorflow/tfjs-core";

/**
 * Not written where it is imported: a specifier that Deno can see is downloaded by everybody, and this one is large. Whole,
 * since names of our own `imports` mean nothing in the program of another. Must be the version in deno.json.
 */
const WHOLE_TFJS = "npm:@tensorflow/tfjs@4.22.0";

/**
 * Gives tfjs-core the gradients of its own ops. Its build for Node leaves them out and cannot import them by itself; the
 * whole `@tensorflow/tfjs`, which is loaded for that alone, brings them. Inference does not need this.
 */
export async function registerGradients(): Promise<void> {
  if (getGradient("Sum") === undefined) await import(WHOLE_TFJS);
}
