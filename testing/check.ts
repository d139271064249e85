/**
 * Fails a case.
 *
 * @throws {Error} Unless `condition` holds.
 */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Returns the error that `run` throws or rejects with; `undefined` if it succeeds. */
export async function failureOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error ?? new Error("it failed without an error");
  }
  return undefined;
}

/** Describes an error. */
export function show(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split("\n", 1)[0]}` : String(error);
}

/** Returns whether an error is a `UsageError`, also of another copy of this package. */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === "UsageError";
}
