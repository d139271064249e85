import type { Batch } from "../batch.ts";
import type { BatchAnswer, BatchRequest, MessagePort } from "./messages.ts";

function buffersOf({ first, second, truths, times, flow }: Batch): ArrayBuffer[] {
  return [first, second, truths, times, ...(flow ? [flow.forward, flow.backward] : [])].map(({ buffer }) => buffer);
}

/** A worker's half of the loader: makes the batches that it is asked for, one after the other, until it is ended. */
export function serveBatches(port: MessagePort<BatchRequest, BatchAnswer>, draw: (index: number) => Batch): void {
  port.onmessage = ({ data: { index } }) => {
    try {
      const batch = draw(index);
      port.postMessage({ type: "batch", batch }, buffersOf(batch));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ type: "error", name, message }, []);
    }
  };
}
