/** Small videos and an engine that computes nothing, for tests of pipelines. */
import type { PairEngine, PairJob, PairResult } from "../../contracts/engine.ts";
import type { Frame, Image } from "../../contracts/frame.ts";
import { type Rational, rational } from "../../time/rational.ts";

/** A gray picture of one level. */
export function flat(level: number, width = 4, height = 2): Image {
  return {
    width,
    height,
    format: { model: "gray", depth: 8, chroma: [1, 1], alpha: false },
    color: { range: "full" },
    planes: [new Uint8Array(width * height).fill(level)],
  };
}

/** The level of a flat picture. */
export const levelOf = (image: Image): number => image.planes[0]![0]!;

/** Frames of the given levels at a constant rate. */
export async function* video(levels: readonly number[], rate: Rational = rational(25)): AsyncGenerator<Frame> {
  const timebase = rational(rate.den, rate.num);
  for (const [i, level] of levels.entries()) {
    yield { pts: BigInt(i), timebase, duration: 1n, image: flat(level), facts: {} };
    await Promise.resolve();
  }
}

/** An engine whose pictures are the weighted mean of the pair, ready after `delay(job)` turns of the event loop. */
export function blendingEngine(
  { parallel = 2, delay = () => 0 }: { parallel?: number; delay?: (job: PairJob) => number } = {},
): PairEngine & { running: number; most: number; jobs: number } {
  return {
    backend: "blend",
    device: "test",
    parallel,
    running: 0,
    most: 0,
    jobs: 0,
    async run(job, signal): Promise<PairResult> {
      this.jobs++;
      this.most = Math.max(this.most, ++this.running);
      try {
        for (let i = delay(job); i > 0; i--) {
          await new Promise((resolve) => setTimeout(resolve));
          signal?.throwIfAborted();
        }
        const [a, b] = [levelOf(job.first), levelOf(job.second)];
        return { images: job.times.map((t) => flat(Math.round(a + (b - a) * t))), timing: {} };
      } finally {
        this.running--;
      }
    },
    close: () => Promise.resolve(),
  };
}
