/** Prefix of the outputs of graphs that compute features. */
export const FEATURES = "features.";

/**
 * Returns the name of the input that takes an output of a graph that computes features.
 *
 * @param output Name of the output.
 * @param of The frame, or the pair, of the features.
 */
export function featureInput(output: string, of: "first" | "second" | "pair"): string {
  return `${of}.${output.slice(FEATURES.length)}`;
}
