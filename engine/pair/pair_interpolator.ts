import type { Image, PairDetails, PairJob, PairResult } from "@slomo/core";
import type { OpenBackend, RunnerSetup } from "../backend.ts";
import { checkNumbers } from "./check_numbers.ts";
import { arraysToImage, type FrameArrays, imageToArrays } from "./frame_arrays.ts";
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

/** The frame that ended a pair, which is the first one of the next pair in most cases. */
interface KeptFrame {
  readonly image: Image;
  readonly arrays: FrameArrays;
  /** Features of the colors and, if the frame has it, of alpha. */
  readonly features: readonly unknown[];
}

function interpolateOn(runner: NetworkRunner): PairInterpolator {
  let free: Values[] = [], kept: KeptFrame | undefined;

  /** Converts an image in an array that no frame needs any more. */
  function convert(image: Image): FrameArrays {
    const length = 3 * image.width * image.height, buffer = free.pop();
    return imageToArrays(image, buffer?.length === length ? buffer : undefined);
  }

  /** Returns the frame that ended the previous pair, if it is `image`; frees its features otherwise. */
  function takeKept(image: Image): KeptFrame | undefined {
    const last = kept;
    kept = undefined;
    if (!last || isSameImage(last.image, image)) return last;
    runner.release(...last.features);
    free.push(last.arrays.colors);
    return undefined;
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
      const known = takeKept(first);
      const passes: Pass[] = (known?.features ?? []).map((first) => ({ pair: undefined, features: { first } }));
      let flow: unknown, used: Values[] = [];
      try {
        await runner.prepare(shape);
        const arrays = await timed("color", () => {
          const from = known?.arrays ?? convert(first), to = convert(second);
          const pairs = [runner.load(from.colors, to.colors, shape)];
          if (from.alpha && to.alpha) pairs.push(runner.load(from.alpha, to.alpha, shape));
          pairs.forEach((pair, i) => passes[i] = { pair, features: { ...passes[i]?.features } });
          used = [from.colors];
          return to;
        });
        const [colors, alpha] = passes as [Pass, Pass?];
        flow = await timed("flow", () => runner.estimateFlow(colors.pair));
        // A warp may turn it into finite pixels.
        checkNumbers({ label: runner.labels.flow, kind: "flow", values: await runner.flowValues(flow) });
        await timed("interpolation", async () => {
          for (const { pair, features } of passes) {
            features.first ??= await runner.prepareFrame?.(pair, "first");
            features.second = await runner.prepareFrame?.(pair, "second");
            features.pair = await runner.preparePair?.(pair, flow, features);
          }
        });
        const { labels } = runner, images: Image[] = [], details: PairDetails[] = [];
        for (const time of times) {
          signal?.throwIfAborted();
          const interpolate = ({ pair, features }: Pass, withDetails: boolean) =>
            timed("interpolation", () => runner.interpolate(pair, flow, time, withDetails, features));
          const output = await interpolate(colors, wantsDetails);
          checkNumbers({ label: labels.interpolation, kind: "frame", values: output.frame });
          if (output.details) details.push(output.details);
          const result = alpha
            ? { colors: output.frame.slice(), alpha: (await interpolate(alpha, false)).frame }
            : { colors: output.frame };
          images.push(await timed("color", () => arraysToImage(result, first)));
        }
        kept = { image: second, arrays, features: passes.map(({ features }) => features.second) };
        return { images, details: details.length > 0 ? details : undefined, timing };
      } finally {
        const { features: staying = [] } = kept ?? {};
        const all = passes.flatMap(({ pair, features }) => [pair, ...Object.values(features)]);
        runner.release(flow, ...all.filter((each) => !staying.includes(each)));
        free = kept ? used : [];
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
