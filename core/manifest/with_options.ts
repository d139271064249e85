import type { PartChoice } from "./manifest.ts";

/** A choice with options laid over its own; one that is absent stays so. */
export function withOptions<P extends PartChoice | undefined>(
  part: P,
  options: Readonly<Record<string, unknown>> | undefined,
): P {
  return part && options ? { ...part, options: { ...part.options, ...options } } : part;
}
