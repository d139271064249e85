import { clipByValue, type Tensor, type Tensor1D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { FlowPair } from "@slomo/core";
import { type FrameSize, type PairNetworks, type PairTensors, toNetworkRange, toPlainRange } from "@slomo/engine/pair";
import type { Layout } from "../graph/values.ts";
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
 * @throws {UntraceableError} If the estimator cannot be traced.
 */
export function traceFlow(networks: PairNetworks, size: FrameSize): TracedGraph | undefined {
  const { flow } = networks;
  if (flow === undefined) return undefined;
  const inputs = { first: imageInput(size, "plain"), second: imageInput(size, "plain") };
  return trace(
    (named) => {
      const { forward, backward } = flow(networks.parameters("flow"), pairOf(named, networks));
      return present({ forward, backward });
    },
    inputs,
    { outputLayouts: FLOW_LAYOUTS },
  );
}

/**
 * Traces one frame of a pair: `first`, `second`, the outputs of {@linkcode traceFlow}, and `t` [1] to `frame`
 * [1, H, W, 3], RGB about [0, 1].
 *
 * @param flow The graph of the flow.
 * @param details Whether `flowToFirst`, `flowToSecond` [1, H, W, 2] and `visibility` [1, H, W, 1] are outputs too, if the
 * interpolator gives them.
 * @throws {UntraceableError} If the interpolator cannot be traced.
 */
export function traceFrame(
  networks: PairNetworks,
  size: FrameSize,
  flow: TracedGraph | undefined,
  details: boolean,
): TracedGraph {
  const flows = flow?.outputs.map(({ name }) => [name, flowInput(size)] as const) ?? [];
  const inputs = {
    first: imageInput(size, "plain"),
    second: imageInput(size, "plain"),
    ...Object.fromEntries(flows),
    t: { shape: [1] },
  };
  return trace((named) => {
    const pair = { ...pairOf(named, networks), flow: flow && named as Named & FlowPair };
    const output = networks.frames(networks.parameters("interpolation"), pair, named.t as Tensor1D);
    const { frames, flowToFirst, flowToSecond, visibility } = output;
    return {
      frame: toPlainRange(frames, networks.pixels),
      ...details && present({ flowToFirst, flowToSecond, visibility }),
    };
  }, inputs);
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
