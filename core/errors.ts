/** Details of an error for programs. */
export interface ErrorDetails extends ErrorOptions {
  /** The kind of error, in kebab case: `output-exists`, `invalid-option`, `no-backend`. Stable between versions. */
  readonly code?: string | undefined;
  /** The option that is wrong or that would help, by its name in this API: `overwrite`, `pixelFormat`. */
  readonly option?: string | undefined;
}

/** An error with a message for people, and a code and an option for programs. */
abstract class CodedError extends Error {
  /** The kind of error, in kebab case. */
  readonly code: string;
  /** The option that is wrong or that would help, if there is one. */
  readonly option: string | undefined;

  constructor(message: string, { code, option, ...rest }: ErrorDetails, defaultCode: string) {
    super(message, rest);
    this.code = code ?? defaultCode;
    this.option = option;
  }
}

/**
 * An error in the request: a wrong option, a missing file, a typo in a manifest. The message names the part, the rule, the
 * value and what to do; it names options in backticks, by their names in this API. The command line exits with code 2.
 *
 * @example An option that would help
 * ```ts
 * import { UsageError } from "@slomo/core";
 * import assert from "node:assert/strict";
 *
 * const error = new UsageError("slow.mp4 exists; set `overwrite` to replace it", { code: "output-exists", option: "overwrite" });
 * assert.deepEqual([error.name, error.code, error.option], ["UsageError", "output-exists", "overwrite"]);
 * ```
 */
export class UsageError extends CodedError {
  /** `UsageError`, also if two copies of this package are loaded. */
  override readonly name = "UsageError";

  /**
   * Creates the error.
   *
   * @param message One line for people.
   * @param details The default `code` is `invalid-option` if an option is named, and `invalid-input` otherwise.
   */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, details.option === undefined ? "invalid-input" : "invalid-option");
  }
}

/**
 * A failure of a valid request: a damaged file, a full disk, a process that crashed. The message names the part, the cause
 * and the output that was kept. The command line exits with code 1.
 */
export class JobError extends CodedError {
  /** `JobError`, also if two copies of this package are loaded. */
  override readonly name = "JobError";

  /**
   * Creates the error.
   *
   * @param message One line for people.
   * @param details The default `code` is `job-failed`.
   */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details, "job-failed");
  }
}

/** Returns the first line of an error's message, or of any other thrown value as text. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}

/** Causes of common file system errors, by the name of Deno's and Node's errors. */
const FILE_REASONS: Readonly<Record<string, string>> = {
  NotFound: "there is no such file",
  PermissionDenied: "permission is denied",
  IsADirectory: "it is a folder",
};

/** Returns the reason why a file cannot be read or written, without its path and the system's error number. */
export function fileReasonOf(error: unknown): string {
  const known = error instanceof Error ? FILE_REASONS[error.name] : undefined;
  return known ?? reasonOf(error).replace(/ \(os error.*$/, "");
}
