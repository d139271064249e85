/**
 * Training losses: the four losses of Super SloMo, and two that the training recipe needs.
 *
 * @module
 */
import { definePlugin, type Plugin } from "@slomo/core";
import { flowPart } from "./flow.ts";
import { laplacianPart } from "./laplacian.ts";
import { perceptualPart } from "./perceptual.ts";
import { reconstructionPart } from "./reconstruction.ts";
import { smoothnessPart } from "./smoothness.ts";
import { warpingPart } from "./warping.ts";

export { flow, type FlowLossOptions } from "./flow.ts";
export { laplacian, type LaplacianOptions } from "./laplacian.ts";
export { perceptual, type PerceptualOptions } from "./perceptual.ts";
export { reconstruction } from "./reconstruction.ts";
export { smoothness } from "./smoothness.ts";
export type { VggNetwork } from "./vgg.ts";
export { warping } from "./warping.ts";

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@slomo/losses",
  apiVersion: 1,
  // Training presets sum the losses in this order.
  provides: [reconstructionPart, perceptualPart, laplacianPart, warpingPart, smoothnessPart, flowPart],
});

export default plugin;
