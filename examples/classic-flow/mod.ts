/**
 * Interpolation without weights: classical dense flow, coarse to fine, and blending by the consistency of both flows.
 *
 * @module
 */
import { definePlugin, type Plugin } from "@slomo/core";
import { classicFlowPart } from "./flow_estimator.ts";
import { consistencyPart } from "./interpolator.ts";

export { classicFlow, type ClassicFlowOptions } from "./flow_estimator.ts";
export { consistency, type ConsistencyOptions } from "./interpolator.ts";

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@slomo-examples/classic-flow",
  apiVersion: 1,
  provides: [classicFlowPart, consistencyPart],
});

export default plugin;
