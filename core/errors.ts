/** Codes of {@linkcode UsageError}, each with its meaning. They are stable: programs may branch on them. */
export const USAGE_ERRORS = {
  "invalid-option": "an option has an invalid value, or contradicts another option",
  "invalid-input": "another argument is invalid",
  "unknown-option": "the command line has no such option",
  "input-not-found": "a file or folder to read does not exist",
  "input-unreadable": "an input cannot be read: it is not a video or an image, is empty, or is not permitted",
  "unknown-format": "no media handler of the manifest reads or writes the location",
  "empty-range": "no frames are between `start` and `end`",
  "size-mismatch": "frames or images have different sizes",
  "output-exists": "the output exists, and `overwrite` is not set",
  "output-busy": "another process, or a video of the queue, is writing the output",
  "output-unwritable": "the output cannot be written: its folder is missing or not writable, or it is the source",
  "facts-differ": "the program, the model or the machine differs from those that segments were planned with or made by",
  "program-missing": "a program that a media handler needs is missing, or does not run",
  "no-encoder": "there is no such encoder",
  "encoder-failed": "the encoder or the container does not support the video",
  "probe-failed": "a program crashed while it read the properties of an input",
  "no-backend": "the backend does not exist, or does not work on this machine",
  "no-device": "the backend has no such device, or the device does not work",
  "unsupported-precision": "the backend or the device does not support the precision",
  "untraceable": "a graph runtime cannot run the networks",
  "model-unavailable":
    "a model is not installed, or a shipped one is not on this machine and no URL to download it is set",
  "unknown-model": "neither the manifest nor a registry has a model of that name",
  "weights-missing": "the networks need weights, and there are none",
  "weights-mismatch": "the weights are for other networks or other options",
  "invalid-weights": "the file is not a weights file",
  "unsupported-model": "the model of another program cannot be converted",
  "invalid-manifest": "the manifest is not valid, or its parts do not work together",
  "unknown-part": "no plugin provides a part that is used",
  "plugin-failed": "a plugin cannot be loaded",
  "plugin-untrusted": "a remote plugin is not in the lock file, and `allowPlugins` is not set",
  "plugin-version": "a plugin is written for another version of the contracts",
  "invalid-plugin": "a module is not a plugin, or one of its parts lacks a member",
  "duplicate-part": "two plugins provide the same part",
  "invalid-config": "the configuration of a training run, or facts for a weights file, are invalid",
  "invalid-checkpoint": "the file is not a checkpoint, or is for other networks",
  "invalid-dataset": "the data set is missing, invalid or too small",
} as const;

/** Codes of {@linkcode JobError}, each with its meaning. They are stable: programs may branch on them. */
export const JOB_ERRORS = {
  "job-failed": "another failure",
  "input-damaged": "a source is damaged or truncated, and its frames cannot be used",
  "write-failed": "a file cannot be written, for example because the disk is full",
  "program-failed": "a program failed or was killed",
  "download-failed": "a download failed, or its hash is wrong",
  "weights-damaged": "a weights file, a model or a checkpoint is damaged or truncated",
  "part-failed": "a part of a plugin failed, or returned an invalid result",
  "not-finite": "a result is NaN or infinite",
  "out-of-memory": "memory is insufficient",
  "gpu-failed": "the GPU failed",
  "worker-failed": "a worker died",
  "engine-closed": "the engine was closed while it worked",
} as const;

/** Code of a {@linkcode UsageError}: a key of {@linkcode USAGE_ERRORS}. */
export type UsageErrorCode = keyof typeof USAGE_ERRORS;

/** Code of a {@linkcode JobError}: a key of {@linkcode JOB_ERRORS}. */
export type JobErrorCode = keyof typeof JOB_ERRORS;

/** Details of an error for programs. */
export interface ErrorDetails<Code extends string = UsageErrorCode | JobErrorCode> extends ErrorOptions {
  /** The kind of error: `output-exists`, `invalid-option`, `no-backend`. */
  readonly code?: Code | undefined;
  /** The option that is wrong or that would help, by its name in this API: `overwrite`, `pixelFormat`. */
  readonly option?: string | undefined;
}

/** An error with a message for people, and a code and an option for programs. */
abstract class CodedError<Code extends string> extends Error {
  /** The kind of error. */
  readonly code: Code;
  /** The option that is wrong or that would help, if there is one. */
  readonly option: string | undefined;

  constructor(message: string, { code, option, ...rest }: ErrorDetails<Code>, defaultCode: Code) {
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
export class UsageError extends CodedError<UsageErrorCode> {
  /** `UsageError`, also if two copies of this package are loaded. */
  override readonly name = "UsageError";

  /**
   * Creates the error.
   *
   * @param message One line for people.
   * @param details The default `code` is `invalid-option` if an option is named, and `invalid-input` otherwise.
   */
  constructor(message: string, details: ErrorDetails<UsageErrorCode> = {}) {
    super(message, details, details.option === undefined ? "invalid-input" : "invalid-option");
  }
}

/**
 * A failure of a valid request: a damaged file, a full disk, a process that crashed. The message names the part, the cause
 * and the output that was kept. The command line exits with code 1.
 */
export class JobError extends CodedError<JobErrorCode> {
  /** `JobError`, also if two copies of this package are loaded. */
  override readonly name = "JobError";

  /**
   * Creates the error.
   *
   * @param message One line for people.
   * @param details The default `code` is `job-failed`.
   */
  constructor(message: string, details: ErrorDetails<JobErrorCode> = {}) {
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
  // Users of a task cannot follow Deno's advice to grant all permissions.
  if (/^Requires all access/.test(reasonOf(error))) return "it is a device or belongs to the system";
  return known ?? reasonOf(error).replace(/ \(os error.*$/, "");
}
