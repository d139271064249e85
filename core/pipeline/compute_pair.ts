import * as tf from "@tensorflow/tfjs-core";
import type { PairDetails, PairJob, PairResult } from "../contracts/engine.ts";
import type { Image } from "../contracts/frame.ts";
import type { FlowPair, Interpolated, Parameters, ParameterSpec } from "../contracts/tensors.ts";
import { UsageError } from "../errors.ts";
import type { ResolvedManifest } from "../manifest/resolve.ts";
import { createToolkit, type Networks } from "../manifest/toolkit.ts";
import { cropTo, padToMultiple } from "../ops/pad_edges.ts";
import { loadParameters, type WeightsPrefix } from "../weights/load.ts";
import type { WeightsFile } from "../weights/weights_file.ts";
import { estimateFlow } from "./estimate_flow.ts";
import { type FrameTensors, imageToTensors, PLAIN_PIXELS, tensorsToImage } from "./frame_tensors.ts";

/** All that a thread needs to fill pairs. Can be posted to a worker. */
export interface PairSetup {
  /** Names the plugins and the parts. */
  readonly manifest: ResolvedManifest;
  /** Weights for the networks, in shared memory where several workers read them; `undefined` where none has any. */
  readonly weights: WeightsFile | undefined;
  /** Backend to compute on. */
  readonly backend: string;
  /** Device by the backend's own name; its default where `undefined`. */
  readonly device: string | undefined;
  /** Size at which flow is estimated over the frames' size, above 0, at most 1. */
  readonly flowScale: number;
}

/** Fills pairs on the backend of this thread, one at a time. */
export interface PairComputer {
  /** Fills one pair. */
  run(job: PairJob, signal?: AbortSignal): Promise<PairResult>;
  /** Frees the weights. */
  dispose(): void;
}

function parametersOf(
  specs: readonly ParameterSpec[],
  prefix: WeightsPrefix,
  part: string,
  weights: WeightsFile | undefined,
): Parameters {
  if (specs.length === 0) return {};
  if (weights === undefined) {
    throw new UsageError(`${part} needs weights; give --weights FILE or name them in the manifest`);
  }
  return loadParameters(specs, prefix, weights);
}

const dispose = (tensors: readonly (tf.Tensor | undefined)[]) => tf.dispose(tensors.filter((tensor) => tensor));
const everything = (made: Interpolated) => [
  made.frames,
  made.flowToFirst,
  made.flowToSecond,
  made.visibility,
  made.approximate?.flowToFirst,
  made.approximate?.flowToSecond,
];

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

/** One frame of a pair; its size is cropped back where the interpolator wanted more. */
function makeFrame(
  { interpolator }: Networks,
  parameters: Parameters,
  pair: { readonly first: tf.Tensor4D; readonly second: tf.Tensor4D; readonly flow: FlowPair | undefined },
  t: number,
): Interpolated {
  return tf.tidy(() => {
    const [, height, width] = pair.first.shape;
    const grown = (x: tf.Tensor4D) => padToMultiple(x, interpolator.multiple);
    const made = interpolator.interpolate(parameters, {
      first: grown(pair.first),
      second: grown(pair.second),
      flow: pair.flow && {
        forward: grown(pair.flow.forward),
        backward: pair.flow.backward && grown(pair.flow.backward),
      },
      times: tf.tensor1d([t]),
    });
    const cropped = (x: tf.Tensor4D) => cropTo(x, height, width);
    return {
      frames: cropped(made.frames),
      flowToFirst: made.flowToFirst && cropped(made.flowToFirst),
      flowToSecond: made.flowToSecond && cropped(made.flowToSecond),
      visibility: made.visibility && cropped(made.visibility),
    };
  });
}

/**
 * Makes the networks of a manifest and loads their weights on the backend that is set in this thread.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other.
 */
export async function createPairComputer(setup: PairSetup): Promise<PairComputer> {
  const { manifest, weights, flowScale } = setup;
  const toolkit = await createToolkit(manifest);
  const networks = await toolkit.networks(weights?.facts);
  const { flowEstimator, interpolator } = networks;
  const interpolatorWeights = parametersOf(
    interpolator.parameters,
    "interpolation",
    `interpolator "${manifest.use.interpolator.name}"`,
    weights,
  );
  const flowWeights = parametersOf(
    flowEstimator?.parameters ?? [],
    "flow",
    `flow estimator "${manifest.use.flowEstimator?.name}"`,
    weights,
  );
  const pixels = weights?.facts ?? PLAIN_PIXELS;

  async function fillAt(
    first: FrameTensors,
    second: FrameTensors,
    flow: FlowPair | undefined,
    t: number,
    job: PairJob,
  ) {
    const made = makeFrame(networks, interpolatorWeights, { first: first.colours, second: second.colours, flow }, t);
    const alpha = first.alpha && second.alpha
      ? makeFrame(networks, interpolatorWeights, { first: first.alpha, second: second.alpha, flow }, t)
      : undefined;
    try {
      const filled = performance.now();
      const image = await tensorsToImage({ colours: made.frames, alpha: alpha?.frames }, job.first, pixels);
      return { image, details: job.details ? await detailsOf(made) : undefined, filled };
    } finally {
      dispose([...everything(made), ...(alpha ? everything(alpha) : [])]);
    }
  }

  return {
    async run(job, signal) {
      const begun = performance.now();
      const first = imageToTensors(job.first, pixels), second = imageToTensors(job.second, pixels);
      let flow: FlowPair | undefined;
      const timing = { flow: 0, interpolation: 0, colour: performance.now() - begun };
      try {
        const loaded = performance.now();
        flow = flowEstimator &&
          estimateFlow(flowEstimator, flowWeights, first.colours, second.colours, flowScale);
        timing.flow = performance.now() - loaded;
        const images: Image[] = [], details: PairDetails[] = [];
        for (const t of job.times) {
          signal?.throwIfAborted();
          const started = performance.now();
          const frame = await fillAt(first, second, flow, t, job);
          timing.interpolation += frame.filled - started;
          timing.colour += performance.now() - frame.filled;
          images.push(frame.image);
          if (frame.details) details.push(frame.details);
        }
        return { images, details: details.length > 0 ? details : undefined, timing };
      } finally {
        dispose([first.colours, first.alpha, second.colours, second.alpha, flow?.forward, flow?.backward]);
      }
    },
    dispose: () => tf.dispose([flowWeights, interpolatorWeights]),
  };
}
