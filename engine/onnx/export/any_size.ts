import { dispose, keep } from "@tensorflow/tfjs-core";
import type { Parameters } from "@slomo/core";
import { UsageError } from "@slomo/core";
import type { PairNetworks } from "@slomo/engine/pair";
import type { WeightsPrefix } from "@slomo/weights";
import type { GraphWriter } from "../graph/graph_writer.ts";
import type { GraphValue } from "../graph/model.ts";
import { isSameGraph } from "../graph/same_graph.ts";
import { traceWhole } from "../pair/pair_graphs.ts";
import type { Surroundings, TracedGraph } from "../trace/trace.ts";

/** Largest multiple that is looked for; networks halve sizes a few times. */
const LARGEST_MULTIPLE = 1024;

/** Two sizes, in multiples, that have nothing in common: what they leave over when they are padded is not alike. */
const SIZES = [{ width: 5, height: 3 }, { width: 4, height: 7 }] as const;

/** Networks that read their parameters once, whatever is recorded with them. */
function holdParameters(networks: PairNetworks): PairNetworks & { release(): void } {
  const held = new Map<WeightsPrefix, Parameters>();
  return {
    ...networks,
    parameters(part) {
      const parameters = held.get(part) ?? networks.parameters(part);
      Object.values(parameters).forEach((tensor) => keep(tensor));
      held.set(part, parameters);
      return parameters;
    },
    release: () => held.forEach((parameters) => dispose({ ...parameters })),
  };
}

/** Nodes that pad pictures to a multiple, edges repeated on the right and below, and crop what comes out. */
function paddingTo(multiple: number): Surroundings {
  const isPicture = ({ dims }: GraphValue) => dims.length === 4;
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
      if (!isPicture(input)) return { value: input.name, dims: input.dims };
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
  /** The graph; height and width are free. */
  readonly graph: TracedGraph;
  /** Frames are padded to a multiple of this within it. */
  readonly multiple: number;
}

/**
 * Records all of a pair for frames of any size: what the networks do at sizes that are a multiple of a power of two, if they
 * do the same at all of them, within nodes that pad to it and crop back.
 *
 * @param use Is given the graph while the networks' parameters are held.
 * @throws {UntraceableError} If the networks cannot be recorded.
 * @throws {UsageError} If no such multiple is found.
 */
export function traceAnySize<T>(networks: PairNetworks, use: (found: AnySizeGraph) => T): T {
  const held = holdParameters(networks);
  try {
    for (let multiple = 1; multiple <= LARGEST_MULTIPLE; multiple *= 2) {
      const [graph, other] = SIZES.map(({ width, height }) =>
        traceWhole(held, { width: width * multiple, height: height * multiple }, paddingTo(multiple))
      ) as [TracedGraph, TracedGraph];
      if (isSameGraph(graph.writer, other.writer, ["frame"])) return use({ graph, multiple });
    }
  } finally {
    held.release();
  }
  throw new UsageError(
    `export: what the networks do depends on the frames' size, also at multiples of ${LARGEST_MULTIPLE}; ` +
      "give --size for a file of one size",
  );
}
