import type { z } from "zod";

/**
 * Parses a JSON text, which may begin with a byte order mark, as editors of Windows write it.
 *
 * @param refuse Throws the error for a text that is not JSON, from the parser's message in one line.
 */
export function jsonOf(text: string, refuse: (reason: string) => never): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return refuse((error instanceof Error ? error.message : `${error}`).replaceAll(/\s+/g, " "));
  }
}

/**
 * Returns a value as a schema reads it.
 *
 * @param refuse Throws the error for the first problem: its message, and its path in the value, which is empty for the whole.
 */
export function checkValue<T>(
  value: unknown,
  schema: z.ZodType<T>,
  refuse: (message: string, path: string) => never,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  return refuse(message, path.join("."));
}
