import { JobError } from "../errors.ts";

/** Names of errors that pass unchanged: those with a message for the user, and those of aborted work. */
const PASSED: ReadonlySet<string> = new Set(["UsageError", "JobError", "AbortError", "TimeoutError"]);

/** Returns an error of a part with the name of the part in its message. */
export function blame(label: string, error: unknown): Error {
  if (error instanceof Error && PASSED.has(error.name)) return error;
  const cause = error instanceof Error ? error.message.split("\n", 1)[0] || error.name : String(error);
  return new JobError(`${label}: ${cause}`, { code: "part-failed", cause: error });
}
