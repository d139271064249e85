import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { z } from "zod";

/**
 * Validates options from code like those of a manifest, and fills in defaults.
 *
 * @throws {RangeError} If an option is invalid.
 */
export function completeOptions<O>(part: string, schema: z.ZodType<O>, options: unknown): O {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new RangeError(`${part}: ${path.join(".") || "options"}: ${message}`);
}

/** Checks that two frames have the same shape. @throws {RangeError} If not. */
export function requireSameShape(part: string, first: Tensor4D, second: Tensor4D): void {
  if (first.shape.join() === second.shape.join()) return;
  throw new RangeError(
    `${part}: both frames must have one shape, got [${first.shape.join(", ")}] and [${second.shape.join(", ")}]`,
  );
}
