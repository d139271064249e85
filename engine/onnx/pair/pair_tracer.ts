import { enableProdMode } from "@tensorflow/tfjs-core";
import { findPart } from "@slomo/core/manifest";
import {
  type FrameSize,
  type NetworksSetup,
  openPairNetworks,
  type PairNetworks,
  type PairShape,
} from "@slomo/engine/pair";
import type { TracedGraph } from "../trace/trace.ts";
import { traceFlow, traceFrame } from "./pair_graphs.ts";

/** A size at which every padding and cropping takes place, so that all ops of the networks are traced. */
const ODD_SIZE: FrameSize = { width: 37, height: 21 };

/** Traces the networks of a setup. */
export interface PairTracer {
  /** Names of the parts in error messages. */
  readonly labels: PairNetworks["labels"];
  /** Specifiers of the modules that decide the graphs: this one, and the plugins of the parts in use. */
  readonly modules: readonly string[];
  /**
   * Traces the flow; `undefined` if the interpolator needs none.
   *
   * @throws {UntraceableError} If the estimator cannot be traced.
   */
  flow(size: FrameSize): TracedGraph | undefined;
  /**
   * Traces a frame.
   *
   * @param flow The graph of the flow.
   * @throws {UntraceableError} If the interpolator cannot be traced.
   */
  frame(shape: PairShape, flow: TracedGraph | undefined): TracedGraph;
  /**
   * Traces all ops of the networks at a small size.
   *
   * @throws {UntraceableError} If one cannot be traced.
   */
  check(): void;
}

/**
 * Loads the networks of a setup to trace them.
 *
 * @throws {UsageError} If plugins, options and weights do not match.
 */
export async function openPairTracer(setup: NetworksSetup): Promise<PairTracer> {
  // Silences tfjs's hints.
  enableProdMode();
  const toolkit = "load" in setup.toolkit ? await setup.toolkit.load() : setup.toolkit;
  const networks = await openPairNetworks({ ...setup, toolkit });
  const { use } = toolkit.manifest;
  const choices = [["flowEstimator", use.flowEstimator], ["interpolator", use.interpolator], [
    "warp",
    use.warp,
  ]] as const;
  const used = choices.flatMap(([slot, choice]) => choice ? findPart(toolkit.plugins, slot, choice.name).plugin : []);
  const plugins = toolkit.plugins.filter(({ plugin }) => used.includes(plugin)).map(({ specifier }) => specifier);
  return {
    labels: networks.labels,
    modules: [import.meta.url, ...plugins],
    flow: (size) => traceFlow(networks, size),
    frame: (shape, flow) => traceFrame(networks, shape, flow, shape.details),
    check: () => void traceFrame(networks, ODD_SIZE, traceFlow(networks, ODD_SIZE), true),
  };
}
