import type { Image, PairDetails, PairJob, PairResult } from "@slomo/core";
import type { OpenBackend, RunnerSetup } from "../backend.ts";
import { checkNumbers } from "./check_numbers.ts";
import { arraysToImage, imageToArrays } from "./frame_arrays.ts";
import type { NetworkRunner, PairShape, Values } from "./network_runner.ts";

/** Interpolates frame pairs on the backend of this thread, one at a time. */
export interface PairInterpolator {
  /** Interpolates the frames of one pair. */
  run(job: PairJob, signal?: AbortSignal): Promise<PairResult>;
  /** Frees the weights. */
  dispose(): Promise<void>;
}

function interpolateOn(runner: NetworkRunner): PairInterpolator {
  let buffers: readonly [Values, Values] = [new Float32Array(), new Float32Array()];

  function buffersFor({ width, height }: PairShape): readonly [Values, Values] {
    const length = 3 * width * height;
    if (buffers[0].length !== length) buffers = [new Float32Array(length), new Float32Array(length)];
    return buffers;
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
      await runner.prepare(shape);
      let colors: unknown, alpha: unknown, flow: unknown;
      try {
        await timed("color", () => {
          const [a, b] = buffersFor(shape), from = imageToArrays(first, a), to = imageToArrays(second, b);
          colors = runner.load(from.colors, to.colors, shape);
          if (from.alpha && to.alpha) alpha = runner.load(from.alpha, to.alpha, shape);
        });
        flow = await timed("flow", () => runner.estimateFlow(colors));
        const { labels } = runner, images: Image[] = [], details: PairDetails[] = [];
        const flowValues = async () => [{ label: labels.flow, kind: "flow", values: await runner.flowValues(flow) }];
        for (const time of times) {
          signal?.throwIfAborted();
          const interpolate = (pair: unknown, withDetails: boolean) =>
            timed("interpolation", () => runner.interpolate(pair, flow, time, withDetails));
          const output = await interpolate(colors, wantsDetails);
          await checkNumbers({ label: labels.interpolation, kind: "frame", values: output.frame }, flowValues);
          if (output.details) details.push(output.details);
          const arrays = alpha
            ? { colors: output.frame.slice(), alpha: (await interpolate(alpha, false)).frame }
            : { colors: output.frame };
          images.push(await timed("color", () => arraysToImage(arrays, first)));
        }
        return { images, details: details.length > 0 ? details : undefined, timing };
      } finally {
        runner.release(colors, alpha, flow);
      }
    },
    dispose: () => runner.dispose(),
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
