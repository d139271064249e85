import type { FlowEstimator } from "../contracts/parts.ts";
import type { FlowPair } from "../contracts/tensors.ts";

function join(there: FlowPair, back: FlowPair): FlowPair {
  const coarser = there.coarser?.map((flow, i) => join(flow, back.coarser![i]!));
  return { forward: there.forward, backward: back.forward, ...coarser && { coarser } };
}

/**
 * A flow estimator that gives both directions: one that gives F(0→1) alone is asked again with the frames exchanged, which
 * takes twice its time. Of one that gives both nothing changes.
 */
export function bothWays(estimator: FlowEstimator): FlowEstimator {
  const { multiple, parameters } = estimator;
  return {
    multiple,
    parameters,
    adapt: estimator.adapt && ((tensors) => estimator.adapt!(tensors)),
    estimate(parameters, first, second) {
      const there = estimator.estimate(parameters, first, second);
      return there.backward ? there : join(there, estimator.estimate(parameters, second, first));
    },
  };
}
