import { checkValue, jsonOf, UsageError } from "@slomo/core";
import type { z } from "zod";

/**
 * Parses a JSON file that the user wrote.
 *
 * @param location Name of the file for errors.
 * @throws {UsageError} If it is not JSON, or not what the schema allows; the message names the path within it.
 */
export function parseJson<T>(text: string, location: string, schema: z.ZodType<T>): T {
  const refuse = (problem: string): never => {
    throw new UsageError(`${location}${problem}`, { code: "invalid-config" });
  };
  const value = jsonOf(text, (reason) => refuse(` is not JSON: ${reason}`));
  return checkValue(value, schema, (message, path) => refuse(`: ${path || "the file"}: ${message}`));
}
