import type { WeightsFacts } from "@slomo/core";
import { type NetworksSetup, openPairNetworks } from "@slomo/engine/pair";
import type { ModelFacts } from "../graph/model.ts";
import { type FrameSize, traceWhole } from "../pair/pair_graphs.ts";
import { traceAnySize } from "./any_size.ts";

/** What is exported. */
export interface ExportOptions extends NetworksSetup {
  /** Size of the frames; any where `undefined`. */
  readonly size: FrameSize | undefined;
  /** Version of slomo, for the file. */
  readonly version: string;
}

const INPUTS =
  "first, second: the two frames, float32 [1, 3, height, width], RGB in [0, 1]; t: the time between them in " +
  "(0, 1), float32 [1]";
const OUTPUTS = "frame: the frame at t, float32 [1, 3, height, width], RGB in [0, 1]";

function factsOf(facts: WeightsFacts | undefined, version: string, sizes: string): ModelFacts {
  return {
    version,
    description: `Makes the frame at a time between two frames. ${INPUTS}. ${OUTPUTS}. ${sizes}.`,
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
 * The networks of a manifest as one ONNX model (opset 18), for who runs them elsewhere: two frames and a time in, the frame
 * out. Its metadata holds what the weights file says of itself, under `slomo`.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other, or the networks cannot be recorded.
 */
export async function exportModel({ size, version, ...setup }: ExportOptions): Promise<Uint8Array> {
  const networks = await openPairNetworks(setup), facts = setup.weights?.facts;
  if (size) {
    const sizes = `Frames of ${size.width}×${size.height} alone`;
    return traceWhole(networks, size).encode(factsOf(facts, version, sizes));
  }
  return traceAnySize(networks, ({ graph, multiple }) => {
    const sizes = "Frames of any size" + (multiple > 1 ? `, padded to multiples of ${multiple} within` : "");
    return graph.encode(factsOf(facts, version, sizes));
  });
}
