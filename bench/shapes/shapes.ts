import type { ModelOptions } from "../backends/model.ts";

/** Options of both networks in every shape. */
const COMMON = { width: 0.5, flowScale: 20 } as const;

/** Interpolators by name. Channels are those at width 1. */
const INTERPOLATORS: Readonly<Record<string, ModelOptions["interpolator"]>> = {
  paper: {},
  small: { firstKernel: 3, secondKernel: 3 },
  half: { firstKernel: 3, secondKernel: 3, channels: [64, 64, 128, 256, 512, 512], interpolationScale: 0.5 },
  quarter: { firstKernel: 3, secondKernel: 3, channels: [128, 192, 256, 384], interpolationScale: 0.25 },
};

/** Flow estimators by the suffix of a shape: two passes at ¼ and ½, one pass, and one pass from ⅛. */
const FLOW_ESTIMATORS: Readonly<Record<string, ModelOptions["flowEstimator"]>> = {
  "": { flowLevels: [0.25, 0.5] },
  "-once": { flowLevels: [0.25, 0.5], refinementPasses: 1 },
  "-eighth": { flowLevels: [0.125, 0.25, 0.5], refinementPasses: 1 },
};

/** Shapes of the two networks by name, such as `half-once`, for curves of quality over time. */
export const SHAPES: Readonly<Record<string, ModelOptions>> = Object.fromEntries(
  Object.entries(INTERPOLATORS).flatMap(([name, interpolator]) =>
    Object.entries(FLOW_ESTIMATORS).map(([suffix, flowEstimator]): [string, ModelOptions] => [name + suffix, {
      flowEstimator: { ...COMMON, ...flowEstimator },
      interpolator: { ...COMMON, ...interpolator },
    }])
  ),
);
