import defer * as tf from "@tensorflow/tfjs-core";
import type { Parameters, ParameterSpec } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { type BlockInput, blockParameters, runBlock, sideChannels } from "./block.ts";
import { encodeFrame, encoderParameters, FEATURES, isHalved } from "./encoder.ts";
import { channelsOf } from "./layers.ts";

/** Outputs of a block: flow to the other frame, and its state for the next block. */
const FLOW = 2, STATE = 9, OUTPUTS = FLOW + STATE;

/** Inputs of the first block: two frames and their features. The others have the outputs of the block before, too. */
const FIRST_INPUTS = 2 * (3 + FEATURES);

/**
 * Returns the tensors of {@linkcode estimateFlow}: `encoder.0` to `encoder.3`, and those of the blocks, `block.0` and so on.
 *
 * @param channels Channels of the blocks, even numbers, coarse to fine.
 */
export function flowParameters(channels: readonly number[]): ParameterSpec[] {
  return [
    ...encoderParameters(),
    ...channels.flatMap((count, i) =>
      blockParameters(`block.${i}`, {
        inputs: FIRST_INPUTS + (i === 0 ? 0 : OUTPUTS),
        channels: count,
        outputs: OUTPUTS,
      })
    ),
  ];
}

/** Exchanges the two halves of a batch. */
function exchange(x: tf.Tensor4D): tf.Tensor4D {
  const [firsts, seconds] = tf.split(x, 2, 0) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat([seconds, firsts], 0);
}

/**
 * Estimates flow between frames coarse to fine, in both directions at once: each block sees a frame, the other one warped to
 * it along the flow so far, and their features, all reduced, and adds to the flow.
 *
 * @param first I0 [N, H, W, 3], of multiples of four times the largest reduction.
 * @param second I1 [N, H, W, 3].
 * @param reductions Factors by which the blocks reduce the frames, powers of two, coarse to fine.
 * @returns F(0→1) and after it F(1→0), [2N, H/reduction, W/reduction, 2] with the last reduction, in pixels of the frames;
 * the caller disposes.
 */
export function estimateFlow(
  parameters: Parameters,
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  reductions: readonly number[],
): tf.Tensor4D {
  const [, height, width] = first.shape;
  return tf.tidy(() => {
    const view = { reductions, reducedWarps: false }, seenScale = isHalved(view) ? 2 : 1;
    const { seen } = encodeFrame(parameters, tf.concat([first, second], 0), view), other = exchange(seen);
    let flow: tf.Tensor4D | undefined, state: tf.Tensor4D | undefined;
    reductions.forEach((reduction, i) => {
      const resize = (x: tf.Tensor4D) => ops.resizeBilinear(x, height / reduction, width / reduction);
      flow &&= resize(flow);
      const own = resize(seen);
      const near = flow ? ops.backwardWarp(other, tf.div<tf.Tensor4D>(flow, seenScale)) : resize(other);
      const known: BlockInput[] = flow && state
        ? [
          { x: resize(state), channels: [[FIRST_INPUTS, STATE]] },
          { x: tf.div(flow, reduction), channels: [[FIRST_INPUTS + STATE, FLOW]] },
        ]
        : [];
      const isLast = i === reductions.length - 1;
      const found = runBlock(
        parameters,
        `block.${i}`,
        [...[own, near].map((x, side) => ({ x, channels: sideChannels(side) })), ...known],
        isLast ? FLOW : OUTPUTS,
      );
      const change = tf.mul<tf.Tensor4D>(channelsOf(found, 0, FLOW), reduction);
      flow = flow ? tf.add<tf.Tensor4D>(flow, change) : change;
      state = isLast ? undefined : channelsOf(found, FLOW, STATE);
    });
    return flow!;
  });
}
