/**
 * The specifier is in a variable because Deno downloads every specifier that it can read before a program starts, and this
 * package is large. It is complete because the import map of this repository does not apply in other programs. Must equal
 * the version in deno.json.
 */
const WHOLE_TFJS = "npm:@tensorflow/tfjs@4.22.0";

/**
 * Registers the gradients of tfjs-core's ops. Its build for Node omits them and cannot import them on its own, so this
 * loads all of `@tensorflow/tfjs`. Only training needs it.
 */
export async function registerGradients(): Promise<void> {
  const { getGradient } = await import("@tensorflow/tfjs-core");
  if (getGradient("Sum") === undefined) await import(WHOLE_TFJS);
}
