import type { PairJob, PairResult } from "@slomo/core";
import { JobError, UsageError } from "@slomo/core";
import type { PairSetup } from "../backend.ts";

/** An error as it crosses between threads: its class and its one line. */
export interface PostedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly option?: string | undefined;
}

/** What a worker is told. */
export type ToWorker =
  | { readonly kind: "open"; readonly module: string; readonly setup: PairSetup }
  | { readonly kind: "run"; readonly job: PairJob }
  | { readonly kind: "close" };

/** What a worker answers, once for each message. */
export type FromWorker =
  | { readonly kind: "opened"; readonly device: string }
  | { readonly kind: "done"; readonly result: PairResult }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly error: PostedError };

/** An error made ready to be posted. */
export function toPosted(error: unknown): PostedError {
  if (error instanceof UsageError || error instanceof JobError) {
    const { name, message, code, option } = error;
    return { name, message, code, option };
  }
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

/** The posted error; one of no class of ours is a job's that failed. */
export function fromPosted({ name, message, code, option }: PostedError): Error {
  return name === "UsageError"
    ? new UsageError(message, { code, option })
    : new JobError(message.split("\n", 1)[0]!, { code, option });
}
