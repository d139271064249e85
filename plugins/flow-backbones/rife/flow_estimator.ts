import defer * as tf from "@tensorflow/tfjs-core";
import {
  definePart,
  type FlowEstimator,
  type MemoryEstimate,
  type PartContext,
  type PartDefinition,
} from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { z } from "zod";
import { completeOptions, requireSameShape } from "../arguments.ts";
import { BLOCK_REDUCTION, CHANNELS, REDUCTIONS } from "./block.ts";
import { estimateFlow, flowParameters } from "./flow_network.ts";
import { type BlockOptions, blockOptions, requireBlocks } from "./options.ts";

/** Options of {@linkcode rifeFlow}. */
export interface RifeFlowOptions extends BlockOptions {}

/** The blocks without that of the full resolution. */
const BLOCKS = { channels: CHANNELS.slice(0, -1), reductions: REDUCTIONS.slice(0, -1) };

const schema = z.strictObject(blockOptions(BLOCKS));

/** Measured on onnxruntime with the default model at 640×360 to 1920×1080. */
const MEMORY: MemoryEstimate = { bytesPerPixel: 510 };

/**
 * Creates a flow estimator of the blocks of IFNet, the network of RIFE 4.25 (Huang et al., ECCV 2022): coarse to fine, each
 * block refines the flow from each frame to the other one. IFNet itself estimates flow from a frame between them. Frames may
 * have any size.
 *
 * @throws {RangeError} If an option is out of its range.
 */
export function rifeFlow(options: RifeFlowOptions, _context: PartContext): FlowEstimator {
  const { channels, reductions } = completeOptions("rife", schema, options), [coarsest = 1] = reductions;
  requireBlocks(channels, reductions);
  return {
    multiple: 1,
    alignment: BLOCK_REDUCTION * coarsest,
    parameters: flowParameters(channels),
    estimate(parameters, first, second) {
      requireSameShape("rife", first, second);
      const [, height, width] = first.shape;
      const [forward, backward] = tf.tidy(() => {
        const pad = (frame: tf.Tensor4D) => ops.padToMultiple(frame, BLOCK_REDUCTION * coarsest);
        const padded = pad(first), [, paddedHeight, paddedWidth] = padded.shape;
        const flow = estimateFlow(parameters, padded, pad(second), reductions);
        const whole = ops.cropTo(ops.resizeBilinear(flow, paddedHeight, paddedWidth), height, width);
        return tf.split(whole, 2, 0) as [tf.Tensor4D, tf.Tensor4D];
      });
      return { forward, backward };
    },
  };
}

/** {@linkcode rifeFlow} for a manifest. */
export const rifeFlowPart: PartDefinition = definePart({
  slot: "flowEstimator",
  name: "rife",
  description: "The blocks of RIFE 4.25, which estimate flow between two frames in both directions, coarse to fine.",
  options: schema,
  architecture: ["channels", "reductions"],
  training: { instead: "super-slomo" },
  memory: MEMORY,
  alignment: BLOCK_REDUCTION * REDUCTIONS[0]!,
  create: rifeFlow,
});
