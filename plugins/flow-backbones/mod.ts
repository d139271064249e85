/**
 * The networks of Super SloMo (Jiang et al., CVPR 2018), flow computation and flow interpolation with synthesis, RIFE 4.25
 * (Huang et al., ECCV 2022) with and without a refinement, and the backward warp.
 *
 * @module
 */
import { definePlugin, type Plugin } from "@slomo/core";
import { backwardPart } from "./backward_warp.ts";
import { rifePart } from "./rife/interpolator.ts";
import { superSlomoFlowPart } from "./super-slomo/flow_estimator.ts";
import { superSlomoInterpolatorPart } from "./super-slomo/interpolator.ts";

export { backward } from "./backward_warp.ts";
export { rife, type RifeOptions } from "./rife/interpolator.ts";
export { type FlowEstimatorOptions, superSlomoFlow } from "./super-slomo/flow_estimator.ts";
export { type InterpolatorOptions, superSlomoInterpolator } from "./super-slomo/interpolator.ts";
export type { BlockOptions } from "./rife/options.ts";
export type { RefinementOptions } from "./rife/refinement.ts";
export type { UNetOptions } from "./super-slomo/options.ts";
export type { RefinementPasses } from "./super-slomo/pyramid.ts";

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@slomo/flow-backbones",
  apiVersion: 1,
  provides: [superSlomoFlowPart, superSlomoInterpolatorPart, rifePart, backwardPart],
});

export default plugin;
