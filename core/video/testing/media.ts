/** A media handler that holds its video in memory, for tests of jobs. */
import type { Frame } from "../../contracts/frame.ts";
import type { MediaHandler, MediaInfo, WriteOptions, WritePlan, WriterOptions } from "../../contracts/media.ts";
import { type Rational, rational } from "../../time/rational.ts";
import { flat, video } from "./videos.ts";

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
          frames: () => video(levels, rate),
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
