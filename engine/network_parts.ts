import type { FlowEstimator, Interpolator, NetworkHints, PartDefinition } from "@slomo/core";
import { findPart, type Toolkit } from "@slomo/core/manifest";
import type { WeightsFile } from "@slomo/weights";
import type { NetworkParts } from "./memory.ts";

/** Memory and alignment of the networks. */
export interface PlannedParts extends NetworkParts {
  /** Absent if the networks have none. */
  readonly flowEstimator?: PlannedHints | undefined;
  /** Those of the interpolator. */
  readonly interpolator: PlannedHints;
}

/** Hints of a network with its alignment. */
export type PlannedHints = NetworkHints & { readonly alignment: number };

/** Returns what the networks say of themselves, or else their definitions. */
export async function networkParts(
  { toolkit, weights }: { readonly toolkit: Toolkit; readonly weights?: WeightsFile | undefined },
): Promise<PlannedParts> {
  const { manifest: { use }, plugins } = toolkit, networks = await toolkit.networks(weights?.facts);
  const hints = (network: FlowEstimator | Interpolator, definition: PartDefinition): PlannedHints => ({
    memory: network.memory ?? definition.memory,
    alignment: network.alignment ?? definition.alignment ?? network.multiple,
  });
  const { flowEstimator, interpolator } = networks;
  return {
    flowEstimator: flowEstimator &&
      hints(flowEstimator, findPart(plugins, "flowEstimator", use.flowEstimator!.name).part),
    interpolator: hints(interpolator, findPart(plugins, "interpolator", use.interpolator.name).part),
  };
}
