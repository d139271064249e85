import * as tf from "@tensorflow/tfjs-core";
import type { FlowPair, Image, Interpolated, PairDetails, PairJob } from "@slomo/core";
import type { PairComputer, PairSetup } from "../backend.ts";
import { checkNumbers } from "./check_numbers.ts";
import { type FrameTensors, imageToTensors, tensorsToImage } from "./frame_tensors.ts";
import { openPairNetworks } from "./pair_networks.ts";

/** Frees all tensors in what was made, however deep they lie. */
const dispose = (...made: readonly (Interpolated | FrameTensors | FlowPair | undefined)[]) =>
  tf.dispose(made as unknown as tf.TensorContainer[]);

async function valuesOf(tensor: tf.Tensor | undefined): Promise<Float32Array> {
  return tensor ? await tensor.data() as Float32Array : new Float32Array();
}

async function detailsOf(made: Interpolated): Promise<PairDetails | undefined> {
  const { flowToFirst, flowToSecond, visibility } = made;
  if (!flowToFirst || !flowToSecond || !visibility) return undefined;
  const [first, second, seen] = await Promise.all([flowToFirst.data(), flowToSecond.data(), visibility.data()]);
  return {
    flowToFirst: first as Float32Array,
    flowToSecond: second as Float32Array,
    visibility: seen as Float32Array,
  };
}

/**
 * Makes the networks of a manifest and loads their weights on the backend that is set in this thread.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other.
 */
export async function createPairComputer(setup: PairSetup): Promise<PairComputer> {
  const networks = await openPairNetworks(setup);
  const { pixels, labels } = networks;
  const interpolatorWeights = networks.parameters("interpolation"), flowWeights = networks.parameters("flow");

  function makeFrame(first: tf.Tensor4D, second: tf.Tensor4D, flow: FlowPair | undefined, t: number): Interpolated {
    const times = tf.tensor1d([t]);
    try {
      return networks.frames(interpolatorWeights, { first, second, flow }, times);
    } finally {
      times.dispose();
    }
  }

  async function fillAt(
    first: FrameTensors,
    second: FrameTensors,
    flow: FlowPair | undefined,
    t: number,
    job: PairJob,
  ) {
    const made = makeFrame(first.colors, second.colors, flow, t);
    const alpha = first.alpha && second.alpha ? makeFrame(first.alpha, second.alpha, flow, t) : undefined;
    try {
      const filled = performance.now();
      const flowValues = async () => [{ label: labels.flow, what: "flow", values: await valuesOf(flow?.forward) }];
      const check = (values: Float32Array) =>
        checkNumbers({ label: labels.interpolation, what: "frame", values }, flowValues);
      const image = await tensorsToImage({ colors: made.frames, alpha: alpha?.frames }, job.first, pixels, check);
      return { image, details: job.details ? await detailsOf(made) : undefined, filled };
    } finally {
      dispose(made, alpha);
    }
  }

  return {
    async run(job, signal) {
      const begun = performance.now();
      const first = imageToTensors(job.first, pixels), second = imageToTensors(job.second, pixels);
      let flow: FlowPair | undefined;
      const timing = { flow: 0, interpolation: 0, color: performance.now() - begun };
      try {
        const loaded = performance.now();
        flow = networks.flow?.(flowWeights, { first: first.colors, second: second.colors });
        timing.flow = performance.now() - loaded;
        const images: Image[] = [], details: PairDetails[] = [];
        for (const t of job.times) {
          signal?.throwIfAborted();
          const started = performance.now();
          const frame = await fillAt(first, second, flow, t, job);
          timing.interpolation += frame.filled - started;
          timing.color += performance.now() - frame.filled;
          images.push(frame.image);
          if (frame.details) details.push(frame.details);
        }
        return { images, details: details.length > 0 ? details : undefined, timing };
      } finally {
        dispose(first, second, flow);
      }
    },
    dispose: () => tf.dispose([flowWeights, interpolatorWeights]),
  };
}
