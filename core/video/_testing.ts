/** Small videos, an engine that blends frames, and a media handler in memory, for tests of the pipeline. */
import type { PairEngine, PairJob, PairResult } from "../contracts/engine.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import type { MediaHandler, MediaInfo, WriteOptions, WritePlan, WriterOptions } from "../contracts/media.ts";
import { compare, multiply, type Rational, rational } from "../time/rational.ts";

/** Returns a gray image of one intensity level. */
export function flat(level: number, width = 4, height = 2): Image {
  return {
    width,
    height,
    format: { model: "gray", depth: 8, chroma: [1, 1], alpha: false },
    color: { range: "full" },
    planes: [new Uint8Array(width * height).fill(level)],
  };
}

/** Returns the intensity level of a flat image. */
export const levelOf = (image: Image): number => image.planes[0]![0]!;

/** Yields flat frames of the given intensity levels at a constant rate. */
export async function* video(levels: readonly number[], rate: Rational = rational(25)): AsyncGenerator<Frame> {
  const timebase = rational(rate.den, rate.num);
  for (const [i, level] of levels.entries()) {
    yield { pts: BigInt(i), timebase, duration: 1n, image: flat(level), facts: {} };
    await Promise.resolve();
  }
}

/** Yields the frames of a part; times are in seconds from the first frame. */
async function* part(frames: AsyncIterable<Frame>, start: Rational, end: Rational | undefined): AsyncGenerator<Frame> {
  for await (const frame of frames) {
    const time = multiply(rational(frame.pts), frame.timebase);
    if (end && compare(time, end) >= 0) return;
    if (compare(time, start) >= 0) yield frame;
  }
}

/** Creates an engine that blends the frames of a pair, and is done after `delay(job)` turns of the event loop. */
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

/** Options of {@linkcode memoryMedia}. */
export interface MemoryVideo {
  /** Intensity levels of the source frames. */
  readonly levels: readonly number[];
  /** Frames per second. @default {25} */
  readonly rate?: Rational;
  /** Whether the rate is constant. @default {true} */
  readonly constantRate?: boolean;
  /** Overrides parts of the sink's plan. */
  readonly plan?: Partial<WritePlan>;
  /** Number of frames after which writing fails. */
  readonly failsAfter?: number;
  /** Frames that an interrupted run has finished. @default {0} */
  readonly finished?: number;
}

/** Creates a media handler that reads `in` and writes `out…`, and records the plans, the frames and the end of writing. */
export function memoryMedia(
  { levels, rate = rational(25), constantRate = true, plan, failsAfter = Infinity, finished = 0 }: MemoryVideo,
) {
  const written: Frame[] = [], log: string[] = [], planned: WriteOptions[] = [], opened: WriterOptions[] = [];
  const { format, color, width, height } = flat(0);
  const info: MediaInfo = {
    location: "in",
    container: "memory",
    video: {
      ...{ index: 0, codec: "raw", width, height, format, color, timebase: rational(rate.den, rate.num) },
      ...{ start: rational(0), rate, constantRate, frames: levels.length, rotation: 0, fieldOrder: "progressive" },
      ...{ duration: rational(BigInt(levels.length) * rate.den, rate.num), sampleAspect: rational(1) },
    },
    streams: [],
    chapters: 0,
    notes: ["a note of the source"],
  };
  const media: MediaHandler = {
    source: {
      accepts: (location) => Promise.resolve(location === "in"),
      open: () =>
        Promise.resolve({
          info,
          frames: ({ start = rational(0), end } = {}) => part(video(levels, rate), start, end),
          close: () => Promise.resolve(void log.push("closed")),
        }),
    },
    sink: {
      accepts: (location) => Promise.resolve(location.startsWith("out")),
      plan(options) {
        planned.push(options);
        return Promise.resolve({
          ...{ container: "memory", encoder: "raw", pixelFormat: "gray", holdsLast: true, dropped: [], notes: [] },
          ...plan,
          open(run = {}) {
            opened.push(run);
            return Promise.resolve({
              finished,
              write(frame) {
                if (written.length >= failsAfter) return Promise.reject(new Error("disk full"));
                written.push(frame);
                return Promise.resolve();
              },
              finish: () => Promise.resolve(void log.push("finished")),
              abort: () => Promise.resolve(void log.push("aborted")),
            });
          },
        });
      },
    },
  };
  return { media, written, log, planned, opened };
}
