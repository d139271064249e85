/** A worker that prepares batches. The first message is its setup; then it responds to requests. */
import { type BatchPlan, drawBatch, type MessagePort, serveBatches } from "@slomo/training/data";
import type { BatchAnswer, BatchRequest, WeightedSource } from "@slomo/training/data";
import type { TrainConfig } from "@slomo/training";
import { openSources } from "./data_sources.ts";

/** First message to the worker. */
export interface LoaderSetup {
  /** Settings of the run. */
  readonly config: TrainConfig;
}

/** `self`, with the type of a worker, which the library `deno.window` lacks. */
const port = self as unknown as MessagePort<LoaderSetup | BatchRequest, BatchAnswer>;

function planOf({ seed, crops, targets, augment }: TrainConfig): BatchPlan {
  return { seed, crops, targets, augment };
}

port.onmessage = ({ data }) => {
  const { config } = data as LoaderSetup;
  let sources: WeightedSource[] | undefined;
  serveBatches(
    port as MessagePort<BatchRequest, BatchAnswer>,
    (index) => drawBatch(planOf(config), sources ??= openSources(config, "train"), index),
  );
};
