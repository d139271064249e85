import { UsageError } from "@slomo/core";
import type { z } from "zod";

/**
 * Parses a JSON file that the user wrote.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is not JSON, or not what the schema allows; the message names the path within it.
 */
export function parseJson<T>(text: string, location: string, schema: z.ZodType<T>): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${location} is not JSON: ${error instanceof Error ? error.message : error}`, {
      code: "invalid-config",
    });
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(`${location}: ${path.join(".") || "the file"}: ${message}`, { code: "invalid-config" });
}
