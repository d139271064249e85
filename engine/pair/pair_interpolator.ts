import type { Image, PairDetails, PairJob, PairResult } from "@slomo/core";
import type { OpenBackend, RunnerSetup } from "../backend.ts";
import { checkNumbers } from "./check_numbers.ts";
import { arraysToImage, imageToArrays } from "./frame_arrays.ts";
import type { NetworkRunner, PairFeatures, PairShape, Values } from "./network_runner.ts";
import { isSameImage } from "./same_image.ts";

/** Interpolates frame pairs on the backend of this thread, one at a time. */
export interface PairInterpolator {
  /** Interpolates the frames of one pair. */
  run(job: PairJob, signal?: AbortSignal): Promise<PairResult>;
  /** Frees the weights. */
  dispose(): Promise<void>;
}

/** A pair in the networks: the colors of two frames, or their alpha. */
interface Pass {
  readonly pair: unknown;
  readonly features: { -readonly [K in keyof PairFeatures]: PairFeatures[K] };
}

/** Features of a frame, which are valid for the next pair too if that begins with the frame. */
interface KeptFeatures {
  readonly image: Image;
  /** Features of the colors and, if the frame has it, of alpha. */
  readonly features: readonly unknown[];
}

function interpolateOn(runner: NetworkRunner): PairInterpolator {
  let buffers: readonly [Values, Values] = [new Float32Array(), new Float32Array()];
  let kept: KeptFeatures | undefined;

  function buffersFor({ width, height }: PairShape): readonly [Values, Values] {
    const length = 3 * width * height;
    if (buffers[0].length !== length) buffers = [new Float32Array(length), new Float32Array(length)];
    return buffers;
  }

  /** Returns the features of the frame that ended the previous pair, if it is `image`; frees them otherwise. */
  function takeKept(image: Image): readonly unknown[] {
    const { image: last, features = [] } = kept ?? {};
    kept = undefined;
    if (last && isSameImage(last, image)) return features;
    runner.release(...features);
    return [];
  }

  return {
    async run({ first, second, times, details: wantsDetails }, signal) {
      const shape: PairShape = { width: first.width, height: first.height, details: wantsDetails };
      const timing = { flow: 0, interpolation: 0, color: 0 };
      const timed = async <T>(stage: keyof typeof timing, work: () => T | Promise<T>): Promise<T> => {
        const start = performance.now();
        const result = await work();
        timing[stage] += performance.now() - start;
        return result;
      };
      const known = takeKept(first), passes: Pass[] = known.map((first) => ({ pair: undefined, features: { first } }));
      let flow: unknown;
      try {
        await runner.prepare(shape);
        await timed("color", () => {
          const [a, b] = buffersFor(shape), from = imageToArrays(first, a), to = imageToArrays(second, b);
          const pairs = [runner.load(from.colors, to.colors, shape)];
          if (from.alpha && to.alpha) pairs.push(runner.load(from.alpha, to.alpha, shape));
          pairs.forEach((pair, i) => passes[i] = { pair, features: { ...passes[i]?.features } });
        });
        const [colors, alpha] = passes as [Pass, Pass?];
        flow = await timed("flow", () => runner.estimateFlow(colors.pair));
        await timed("interpolation", async () => {
          for (const { pair, features } of passes) {
            features.first ??= await runner.prepareFrame?.(pair, "first");
            features.second = await runner.prepareFrame?.(pair, "second");
            features.pair = await runner.preparePair?.(pair, flow, features);
          }
        });
        const { labels } = runner, images: Image[] = [], details: PairDetails[] = [];
        const flowValues = async () => [{ label: labels.flow, kind: "flow", values: await runner.flowValues(flow) }];
        for (const time of times) {
          signal?.throwIfAborted();
          const interpolate = ({ pair, features }: Pass, withDetails: boolean) =>
            timed("interpolation", () => runner.interpolate(pair, flow, time, withDetails, features));
          const output = await interpolate(colors, wantsDetails);
          await checkNumbers({ label: labels.interpolation, kind: "frame", values: output.frame }, flowValues);
          if (output.details) details.push(output.details);
          const arrays = alpha
            ? { colors: output.frame.slice(), alpha: (await interpolate(alpha, false)).frame }
            : { colors: output.frame };
          images.push(await timed("color", () => arraysToImage(arrays, first)));
        }
        if (colors.features.second !== undefined) {
          kept = { image: second, features: passes.map(({ features }) => features.second) };
        }
        return { images, details: details.length > 0 ? details : undefined, timing };
      } finally {
        const { features: staying = [] } = kept ?? {};
        const all = passes.flatMap(({ pair, features }) => [pair, ...Object.values(features)]);
        runner.release(flow, ...all.filter((each) => !staying.includes(each)));
      }
    },
    async dispose() {
      runner.release(...kept?.features ?? []);
      kept = undefined;
      await runner.dispose();
    },
  };
}

/**
 * Prepares the networks of a toolkit to interpolate frame pairs on an open backend. This computes in the calling thread,
 * which all backends but `webgpu` block; `openEngine` uses workers.
 *
 * @param backend An open backend; for a tfjs backend, the one that is set in this thread.
 * @throws {UsageError} If plugins, options and weights do not match, or a graph runtime cannot run the networks.
 */
export async function openPairInterpolator(backend: OpenBackend, setup: RunnerSetup): Promise<PairInterpolator> {
  if (backend.kind === "graph-runtime") return interpolateOn(await backend.createRunner(setup));
  // Loaded only here, because a graph runtime may need no tfjs.
  const { createTfjsRunner } = await import("./tfjs_runner.ts");
  return interpolateOn(await createTfjsRunner(setup));
}
