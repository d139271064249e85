import {
  JobError,
  type JobErrorCode,
  type PairJob,
  type PairResult,
  UsageError,
  type UsageErrorCode,
} from "@slomo/core";
import type { WorkerSetup } from "../backend.ts";

/** An error as it is posted between threads: its class, message, code and option. */
export interface PostedError {
  readonly name: string;
  readonly message: string;
  readonly code?: UsageErrorCode | JobErrorCode | undefined;
  readonly option?: string | undefined;
}

/** A message to a worker. */
export type ToWorker =
  | { readonly kind: "open"; readonly module: string; readonly setup: WorkerSetup }
  | { readonly kind: "run"; readonly job: PairJob }
  | { readonly kind: "close" };

/** The answer of a worker; it sends one for each message. */
export type FromWorker =
  | { readonly kind: "opened"; readonly device: string }
  | { readonly kind: "done"; readonly result: PairResult }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly error: PostedError };

/** Converts an error for posting. */
export function toPosted(error: unknown): PostedError {
  if (error instanceof UsageError || error instanceof JobError) {
    const { name, message, code, option } = error;
    return { name, message, code, option };
  }
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

/** Converts a posted error back. Errors that are no `UsageError` become a `JobError`. */
export function fromPosted({ name, message, code, option }: PostedError): Error {
  return name === "UsageError"
    ? new UsageError(message, { code: code as UsageErrorCode, option })
    : new JobError(message.split("\n", 1)[0]!, { code: code as JobErrorCode, option });
}
