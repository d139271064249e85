import type { Batch } from "../batch.ts";

/** Asks a worker for the batch at a place of the run. */
export interface BatchRequest {
  /** The place. */
  readonly index: number;
}

/** What a worker answers. */
export type BatchAnswer =
  | { readonly type: "batch"; readonly batch: Batch }
  | { readonly type: "error"; readonly name: string; readonly message: string };

/** The half of a `Worker` or of `self` that passes messages. */
export interface MessagePort<In, Out> {
  /** Sends; `transfer` names buffers that change hands. */
  postMessage(message: Out, transfer: Transferable[]): void;
  /** Called with what comes. */
  onmessage: ((event: MessageEvent<In>) => void) | null;
}
