import * as tf from "@tensorflow/tfjs-core";
import type { Features, FlowPair, Interpolated, PairDetails } from "@slomo/core";
import type { NetworkRunner, Values } from "./network_runner.ts";
import { type NetworksSetup, openPairNetworks, type PairTensors } from "./pair_networks.ts";
import { toNetworkRange, toPlainRange } from "./pixel_range.ts";

/** Disposes all tensors in nested structures. */
const dispose = (...outputs: readonly (Interpolated | PairTensors | FlowPair | Features | undefined)[]) =>
  tf.dispose(outputs as unknown as tf.TensorContainer[]);

const valuesOf = async (tensor: tf.Tensor) => await tensor.data() as Values;

async function detailsOf({ flowToFirst, flowToSecond, visibility }: Interpolated): Promise<PairDetails | undefined> {
  if (!flowToFirst || !flowToSecond || !visibility) return undefined;
  return {
    flowToFirst: await valuesOf(flowToFirst),
    flowToSecond: await valuesOf(flowToSecond),
    visibility: await valuesOf(visibility),
  };
}

/**
 * Creates the networks on the tfjs backend that is set in this thread and loads their weights.
 *
 * @throws {UsageError} If plugins, options and weights do not match.
 */
export async function createTfjsRunner(
  setup: NetworksSetup,
): Promise<NetworkRunner<PairTensors, FlowPair | undefined, Features>> {
  const networks = await openPairNetworks(setup);
  const { pixels, labels } = networks;
  const interpolatorWeights = networks.parameters("interpolation"), flowWeights = networks.parameters("flow");
  return {
    labels,
    prepare: () => Promise.resolve(),
    load(first, second, { width, height }) {
      const toTensor = (values: Values) =>
        tf.tidy(() => toNetworkRange(tf.tensor4d(values, [1, height, width, 3]), pixels));
      return { first: toTensor(first), second: toTensor(second) };
    },
    // deno-lint-ignore require-await -- errors of the networks become rejections
    estimateFlow: async (pair) => networks.flow?.(flowWeights, pair),
    // deno-lint-ignore require-await -- errors of the networks become rejections
    prepareFrame: async (pair, frame) => networks.prepareFrame?.(interpolatorWeights, pair[frame]),
    // deno-lint-ignore require-await -- errors of the networks become rejections
    preparePair: async (pair, flow, { first: firstFeatures, second: secondFeatures }) =>
      networks.preparePair?.(interpolatorWeights, { ...pair, flow, firstFeatures, secondFeatures }),
    async interpolate(pair, flow, time, wantsDetails, features) {
      const times = tf.tensor1d([time]);
      let output: Interpolated | undefined, frame: tf.Tensor | undefined;
      try {
        const { first: firstFeatures, second: secondFeatures, pair: pairFeatures } = features;
        const input = { ...pair, flow, firstFeatures, secondFeatures, pairFeatures };
        output = networks.frames(interpolatorWeights, input, times);
        const { frames } = output;
        frame = tf.tidy(() => tf.clone(toPlainRange(frames, pixels)));
        return { frame: await valuesOf(frame), details: wantsDetails ? await detailsOf(output) : undefined };
      } finally {
        tf.dispose([times, frame]);
        dispose(output);
      }
    },
    flowValues: async (flow) => flow ? await valuesOf(flow.forward) : new Float32Array(),
    release: dispose,
    dispose: () => Promise.resolve(tf.dispose([flowWeights, interpolatorWeights])),
  };
}
