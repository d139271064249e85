import { enableProdMode } from "@tensorflow/tfjs-core";
import { findPart } from "@slomo/core/manifest";
import {
  loadToolkit,
  type NetworksSetup,
  openPairNetworks,
  type PairNetworks,
  type PairShape,
} from "@slomo/engine/pair";
import type { GraphSignature } from "../graph/model.ts";
import { adaptModel } from "../providers/adapt_model.ts";
import type { SessionOptions } from "../session/graph_session.ts";
import { type EarlierGraphs, traceFlow, traceFrame, traceFrameFeatures, tracePairFeatures } from "./pair_graphs.ts";

/** A shape at which every padding and cropping takes place, so that all ops of the networks are traced. */
const ODD_SHAPE: PairShape = { width: 37, height: 21, details: true };

/**
 * The graphs of frame pairs. `flow` runs once per pair, `frameFeatures` once per frame, `pairFeatures` once per pair, and
 * `frame` once per time.
 */
export type PairGraphName = "flow" | "frameFeatures" | "pairFeatures" | "frame";

/** The device that computes, and the precision. */
type DeviceOptions = Pick<SessionOptions, "device" | "precision">;

/** A traced graph of frame pairs. */
export interface PairGraph extends GraphSignature {
  /** Encodes it as an ONNX model for the device and the precision. */
  encode(): Uint8Array;
}

/** Traces the networks of a setup. */
export interface PairTracer {
  /** Names of the parts in error messages. */
  readonly labels: PairNetworks["labels"];
  /** Specifiers of the modules that decide the graphs: this one, and the plugins of the parts in use. */
  readonly modules: readonly string[];
  /**
   * Traces the graphs for a shape of pairs, each when it is asked for, by name: `flow`, `frameFeatures`, `pairFeatures`,
   * as far as the networks have them, and `frame`.
   *
   * @throws {UntraceableError} If one cannot be traced.
   */
  graphs(shape: PairShape): Generator<readonly [PairGraphName, PairGraph]>;
  /**
   * Traces all ops of the networks at a small size.
   *
   * @throws {UntraceableError} If one cannot be traced.
   */
  check(): void;
}

function* traceGraphs(
  networks: PairNetworks,
  shape: PairShape,
  options: DeviceOptions,
): ReturnType<PairTracer["graphs"]> {
  const { device } = options;
  let earlier: EarlierGraphs = {};
  const stages = [
    ["flow", () => traceFlow(networks, shape, device)],
    ["frameFeatures", () => traceFrameFeatures(networks, shape, device)],
    ["pairFeatures", () => tracePairFeatures(networks, shape, device, earlier)],
    ["frame", () => traceFrame(networks, shape, device, earlier, shape.details)],
  ] as const;
  for (const [name, trace] of stages) {
    const graph = trace();
    if (!graph) continue;
    const { inputs, outputs, encode } = graph;
    earlier = { ...earlier, [name]: { inputs, outputs } };
    yield [name, { inputs, outputs, encode: () => adaptModel(encode(), options) }];
  }
}

/**
 * Loads the networks of a setup to trace them.
 *
 * @param device The device and the precision that models are encoded for.
 * @throws {UsageError} If plugins, options and weights do not match.
 */
export async function openPairTracer(setup: NetworksSetup, device: DeviceOptions): Promise<PairTracer> {
  // Silences tfjs's hints.
  enableProdMode();
  const toolkit = await loadToolkit(setup.toolkit);
  const networks = await openPairNetworks({ ...setup, toolkit });
  const { use } = toolkit.manifest;
  const used = (["flowEstimator", "interpolator", "warp"] as const).flatMap((slot) => {
    const choice = use[slot];
    return choice ? findPart(toolkit.plugins, slot, choice.name).plugin : [];
  });
  const plugins = toolkit.plugins.filter(({ plugin }) => used.includes(plugin)).map(({ specifier }) => specifier);
  return {
    labels: networks.labels,
    modules: [import.meta.url, ...plugins],
    graphs: (shape) => traceGraphs(networks, shape, device),
    check: () => void [...traceGraphs(networks, ODD_SHAPE, device)],
  };
}
