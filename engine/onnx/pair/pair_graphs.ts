import { clipByValue, type Tensor, type Tensor1D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Features, FlowPair, InterpolationInput } from "@slomo/core";
import { type FrameSize, type PairNetworks, type PairTensors, toNetworkRange, toPlainRange } from "@slomo/engine/pair";
import type { GraphSignature } from "../graph/model.ts";
import { featureInput, FEATURES } from "./feature_names.ts";
import type { Layout } from "../graph/values.ts";
import type { OnnxDevice } from "../session/devices.ts";
import { type GraphWrapper, trace, type TracedGraph, type TracedInput } from "../trace/trace.ts";

type Named = Readonly<Record<string, Tensor>>;

function imageInput({ width, height }: FrameSize, layout: Layout): TracedInput {
  return { shape: [1, height, width, 3], layout };
}

/** Flow passes from one graph to the other in the layout of convolutions. */
function flowInput({ width, height }: FrameSize): TracedInput {
  return { shape: [1, height, width, 2], layout: "nchw" };
}

const FLOW_LAYOUTS = { forward: "nchw", backward: "nchw" } as const;

function pairOf({ first, second }: Named, { pixels }: PairNetworks): PairTensors {
  return { first: toNetworkRange(first as Tensor4D, pixels), second: toNetworkRange(second as Tensor4D, pixels) };
}

/** Returns the tensors that are defined. */
function present(tensors: Readonly<Record<string, Tensor | undefined>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).filter((entry): entry is [string, Tensor] => entry[1] !== undefined),
  );
}

/**
 * Traces the flow of a pair: `first` and `second` [1, H, W, 3], RGB in [0, 1], to `forward` and, if the estimator
 * gives it, `backward` [1, 2, H, W] in pixels. Returns `undefined` if the interpolator needs no flow.
 *
 * @param device The device that will run the graph.
 * @throws {UntraceableError} If the estimator cannot be traced.
 */
export function traceFlow(networks: PairNetworks, size: FrameSize, device: OnnxDevice): TracedGraph | undefined {
  const { flow } = networks;
  if (flow === undefined) return undefined;
  const inputs = { first: imageInput(size, "plain"), second: imageInput(size, "plain") };
  return trace(
    (named) => {
      const { forward, backward } = flow(networks.parameters("flow"), pairOf(named, networks));
      return present({ forward, backward });
    },
    inputs,
    { outputLayouts: FLOW_LAYOUTS, device },
  );
}

const named = (features: Features): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(features).map(([name, tensor]) => [FEATURES + name, tensor]));

/** The graphs that run before a frame; absent where the networks have none. */
export interface EarlierGraphs {
  /** Graph of the flow. */
  readonly flow?: GraphSignature | undefined;
  /** Graph of a frame's features. */
  readonly frameFeatures?: GraphSignature | undefined;
  /** Graph of a pair's features. */
  readonly pairFeatures?: GraphSignature | undefined;
}

/** Returns the inputs of a graph that takes the results of earlier ones. */
function pairInputs(
  size: FrameSize,
  { flow, frameFeatures, pairFeatures }: EarlierGraphs,
): Record<string, TracedInput> {
  const inputs: Record<string, TracedInput> = { first: imageInput(size, "plain"), second: imageInput(size, "plain") };
  for (const { name } of flow?.outputs ?? []) inputs[name] = flowInput(size);
  const add = (graph: GraphSignature | undefined, of: "first" | "second" | "pair") => {
    for (const { name, dims } of graph?.outputs ?? []) {
      const [n, channels, height, width] = dims as [number, number, number, number];
      inputs[featureInput(name, of)] = { shape: [n, height, width, channels], layout: "nchw" };
    }
  };
  add(frameFeatures, "first");
  add(frameFeatures, "second");
  add(pairFeatures, "pair");
  return inputs;
}

/** Returns the tensors of {@linkcode pairInputs} as an interpolator takes them. */
function pairInput(
  tensors: Named,
  networks: PairNetworks,
  { flow, frameFeatures, pairFeatures }: EarlierGraphs,
): Omit<InterpolationInput, "times"> {
  const featuresOf = (graph: GraphSignature | undefined, of: "first" | "second" | "pair") =>
    graph && Object.fromEntries(
      graph.outputs.map(({ name }) => [name.slice(FEATURES.length), tensors[featureInput(name, of)] as Tensor4D]),
    );
  return {
    ...pairOf(tensors, networks),
    flow: flow && tensors as Named & FlowPair,
    firstFeatures: featuresOf(frameFeatures, "first"),
    secondFeatures: featuresOf(frameFeatures, "second"),
    pairFeatures: featuresOf(pairFeatures, "pair"),
  };
}

/**
 * Traces the features of a frame: `frame` [1, H, W, 3], RGB in [0, 1], to `features.NAME` [1, c, h, w] each. Returns
 * `undefined` if the interpolator prepares no frames.
 *
 * @throws {UntraceableError} If they cannot be traced.
 */
export function traceFrameFeatures(
  networks: PairNetworks,
  size: FrameSize,
  device: OnnxDevice,
): TracedGraph | undefined {
  const { prepareFrame, pixels } = networks;
  return prepareFrame && trace(
    ({ frame }) => named(prepareFrame(networks.parameters("interpolation"), toNetworkRange(frame as Tensor4D, pixels))),
    { frame: imageInput(size, "plain") },
    { outputLayouts: "nchw", device },
  );
}

/**
 * Traces the features of a pair: `first`, `second`, the outputs of {@linkcode traceFlow}, and those of
 * {@linkcode traceFrameFeatures} as `first.NAME` and `second.NAME`, to `features.NAME` [1, c, h, w] each. Returns
 * `undefined` if the interpolator prepares no pairs.
 *
 * @throws {UntraceableError} If they cannot be traced.
 */
export function tracePairFeatures(
  networks: PairNetworks,
  size: FrameSize,
  device: OnnxDevice,
  earlier: EarlierGraphs,
): TracedGraph | undefined {
  const { preparePair } = networks;
  return preparePair && trace(
    (tensors) => named(preparePair(networks.parameters("interpolation"), pairInput(tensors, networks, earlier))),
    pairInputs(size, earlier),
    { outputLayouts: "nchw", device },
  );
}

/**
 * Traces one frame of a pair: the inputs of {@linkcode tracePairFeatures}, its outputs as `pair.NAME`, and `t` [1] to
 * `frame` [1, H, W, 3], RGB about [0, 1].
 *
 * @param earlier The graphs that run before it.
 * @param details Whether `flowToFirst`, `flowToSecond` [1, H, W, 2] and `visibility` [1, H, W, 1] are outputs too, if the
 * interpolator gives them.
 * @throws {UntraceableError} If the interpolator cannot be traced.
 */
export function traceFrame(
  networks: PairNetworks,
  size: FrameSize,
  device: OnnxDevice,
  earlier: EarlierGraphs,
  details: boolean,
): TracedGraph {
  return trace(
    (tensors) => {
      const pair = pairInput(tensors, networks, earlier);
      const output = networks.frames(networks.parameters("interpolation"), pair, tensors.t as Tensor1D);
      const { frames, flowToFirst, flowToSecond, visibility } = output;
      return {
        frame: toPlainRange(frames, networks.pixels),
        ...details && present({ flowToFirst, flowToSecond, visibility }),
      };
    },
    { ...pairInputs(size, earlier), t: { shape: [1] } },
    { device },
  );
}

/**
 * Traces flow and frame of a pair in one graph: `first` and `second` [1, 3, H, W], RGB in [0, 1], and `t` [1] to `frame` [1, 3, H, W],
 * RGB clipped to [0, 1].
 *
 * @param wrapper Nodes before and after the graph.
 * @throws {UntraceableError} If the networks cannot be traced.
 */
export function traceWhole(networks: PairNetworks, size: FrameSize, wrapper?: GraphWrapper): TracedGraph {
  const inputs = { first: imageInput(size, "nchw"), second: imageInput(size, "nchw"), t: { shape: [1] } };
  return trace(
    (named) => {
      const pair = pairOf(named, networks);
      const flow = networks.flow?.(networks.parameters("flow"), pair);
      const output = networks.frames(networks.parameters("interpolation"), { ...pair, flow }, named.t as Tensor1D);
      return { frame: clipByValue(toPlainRange(output.frames, networks.pixels), 0, 1) };
    },
    inputs,
    { outputLayouts: { frame: "nchw" }, wrapper },
  );
}
