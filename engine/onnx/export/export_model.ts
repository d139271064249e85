import type { WeightsFacts } from "@slomo/core";
import { type FrameSize, type NetworksSetup, openPairNetworks } from "@slomo/engine/pair";
import type { ModelFacts } from "../graph/model.ts";
import { traceWhole } from "../pair/pair_graphs.ts";
import { traceAnySize } from "./any_size.ts";

/** Options of {@linkcode exportModel}. */
export interface ExportOptions extends NetworksSetup {
  /** Size of the frames; `undefined` for any size. */
  readonly size: FrameSize | undefined;
  /** Version of slomo, recorded in the file. */
  readonly version: string;
}

const INPUTS =
  "first, second: the two frames, float32 [1, 3, height, width], RGB in [0, 1]; t: the time between them in " +
  "(0, 1), float32 [1]";
const OUTPUTS = "frame: the frame at t, float32 [1, 3, height, width], RGB in [0, 1]";

function factsOf(facts: WeightsFacts | undefined, version: string, sizes: string): ModelFacts {
  return {
    version,
    description: `Interpolates the frame at a time between two frames. ${INPUTS}. ${OUTPUTS}. ${sizes}.`,
    metadata: {
      inputs: INPUTS,
      outputs: OUTPUTS,
      sizes,
      ...facts && { slomo: JSON.stringify(facts) },
      ...facts?.license !== undefined && { license: facts.license },
    },
    halve: true,
  };
}

/**
 * Exports the networks of a toolkit as one ONNX model (opset 18) for other programs, from two frames and a time to the frame
 * at that time. The metadata entry `slomo` holds the facts of the weights file.
 *
 * @returns The file's content.
 * @throws {UsageError} If plugins, options and weights do not match, or the networks cannot be traced.
 */
export async function exportModel({ size, version, ...setup }: ExportOptions): Promise<Uint8Array> {
  const networks = await openPairNetworks(setup), facts = setup.weights?.facts;
  if (size) {
    const sizes = `Frames of ${size.width}×${size.height} only`;
    return traceWhole(networks, size).encode(factsOf(facts, version, sizes));
  }
  return traceAnySize(networks, ({ graph, multiple }) => {
    const sizes = "Frames of any size" + (multiple > 1 ? `, padded to multiples of ${multiple} within` : "");
    return graph.encode(factsOf(facts, version, sizes));
  });
}
