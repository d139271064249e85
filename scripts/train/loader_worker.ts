/** A worker that makes batches. Its first message says of what; then it serves. */
import { type BatchPlan, drawBatch, type MessagePort, serveBatches } from "@slomo/training/data";
import type { BatchAnswer, BatchRequest, WeightedSource } from "@slomo/training/data";
import type { TrainConfig } from "@slomo/training";
import { openSources } from "./data_sources.ts";

/** The first message. */
export interface LoaderSetup {
  /** Settings of the run. */
  readonly config: TrainConfig;
}

/** `self` of a worker, whose type Deno's libraries for windows lack. */
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
