import { dispose, keep } from "@tensorflow/tfjs-core";
import { type Parameters, UsageError } from "@slomo/core";
import type { PairNetworks } from "@slomo/engine/pair";
import type { WeightsPrefix } from "@slomo/weights";
import type { GraphWriter } from "../graph/graph_writer.ts";
import { firstDifference, type GraphValue } from "../graph/model.ts";
import { traceWhole } from "../pair/pair_graphs.ts";
import type { GraphWrapper, TracedGraph } from "../trace/trace.ts";

/** Largest multiple that is tried; networks halve sizes a few times. */
const LARGEST_MULTIPLE = 1024;

/** Two sizes in multiples, without a common factor, so that a graph that depends on the size differs between them. */
const SIZES = [{ width: 5, height: 3 }, { width: 4, height: 7 }] as const;

/** Wraps networks so that all traces share one set of parameters. */
function shareParameters(networks: PairNetworks): PairNetworks & { release(): void } {
  const shared = new Map<WeightsPrefix, Parameters>();
  return {
    ...networks,
    parameters(part) {
      const parameters = shared.get(part) ?? networks.parameters(part);
      Object.values(parameters).forEach((tensor) => keep(tensor));
      shared.set(part, parameters);
      return parameters;
    },
    release: () => shared.forEach((parameters) => dispose({ ...parameters })),
  };
}

/** Pads images to a multiple, with replicated edges on the right and below, and crops the outputs. */
function paddingTo(multiple: number): GraphWrapper {
  const isImage = ({ dims }: GraphValue) => dims.length === 4;
  const free = ([batch, channels]: GraphValue["dims"]) => [batch!, channels!, "height", "width"];
  const length = (writer: GraphWriter, axis: 2 | 3) =>
    writer.shared(`length of axis ${axis}`, () => {
      const shape = writer.shared("shape of first", () => writer.emit("Shape", ["first"]));
      return writer.emit("Gather", [shape, writer.ints([axis])]);
    });
  const pads = (writer: GraphWriter) =>
    writer.shared("pads", () => {
      const missing = ([2, 3] as const).map((axis) =>
        writer.emit("Mod", [writer.emit("Neg", [length(writer, axis)]), writer.ints([multiple])])
      );
      return writer.emit("Concat", [writer.ints([0, 0, 0, 0, 0, 0]), ...missing], { axis: 0 });
    });
  return {
    enter(writer, input) {
      if (!isImage(input)) return { value: input.name, dims: input.dims };
      return { value: writer.emit("Pad", [input.name, pads(writer)], { mode: "edge" }), dims: free(input.dims) };
    },
    leave(writer, value, { dims }) {
      const ends = writer.emit("Concat", [length(writer, 2), length(writer, 3)], { axis: 0 });
      return { value: writer.emit("Slice", [value, writer.ints([0, 0]), ends, writer.ints([2, 3])]), dims: free(dims) };
    },
  };
}

/** A graph for frames of any size. */
export interface AnySizeGraph {
  /** The graph, with variable height and width. */
  readonly graph: TracedGraph;
  /** The graph pads frames to multiples of this. */
  readonly multiple: number;
}

/**
 * Traces a pair for frames of any size. It searches the smallest power of two at whose multiples the networks compute the
 * same graph, and adds nodes that pad frames to it and crop the output.
 *
 * @param use Called with the graph while the parameters of the networks exist.
 * @throws {UntraceableError} If the networks cannot be traced.
 * @throws {UsageError} If there is no such multiple.
 */
export function traceAnySize<T>(networks: PairNetworks, use: (result: AnySizeGraph) => T): T {
  const shared = shareParameters(networks);
  let differing: string | undefined;
  try {
    for (let multiple = 1; multiple <= LARGEST_MULTIPLE; multiple *= 2) {
      const [graph, other] = SIZES.map(({ width, height }) =>
        traceWhole(shared, { width: width * multiple, height: height * multiple }, paddingTo(multiple))
      ) as [TracedGraph, TracedGraph];
      differing = firstDifference(graph.writer, other.writer, ["frame"]);
      if (differing === undefined) return use({ graph, multiple });
    }
  } finally {
    shared.release();
  }
  throw new UsageError(
    `onnx: cannot export a model for any size: the networks depend on the size of the frames, even at multiples of ` +
      `${LARGEST_MULTIPLE}, first in a node ${differing}; set \`size\` for a model of one size`,
    { option: "size" },
  );
}
