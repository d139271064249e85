/** A codec that holds its video in memory, for tests of jobs. */
import type { Codec, MediaInfo, WriteOptions, WritePlan } from "../../contracts/codec.ts";
import type { Frame } from "../../contracts/frame.ts";
import { type Rational, rational } from "../../time/rational.ts";
import { flat, video } from "./videos.ts";

/** What a memory codec pretends to be. */
export interface MemoryVideo {
  /** Levels of the frames that it reads. */
  readonly levels: readonly number[];
  /** Frames a second. @default {25} */
  readonly rate?: Rational;
  /** Whether the rate is constant. @default {true} */
  readonly constantRate?: boolean;
  /** What the sink answers over the usual. */
  readonly plan?: Partial<WritePlan>;
  /** Fails when this many frames were written. */
  readonly failsAfter?: number;
  /** Frames that an interrupted run has finished. @default {0} */
  readonly finished?: number;
}

/** A codec that reads `in` and writes anything else; what happened to the writer is in `log`. */
export function memoryCodec(
  { levels, rate = rational(25), constantRate = true, plan, failsAfter = Infinity, finished = 0 }: MemoryVideo,
) {
  const written: Frame[] = [], log: string[] = [], asked: WriteOptions[] = [];
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
  const codec: Codec = {
    source: {
      accepts: (location) => Promise.resolve(location === "in"),
      probe: () => Promise.resolve(info),
      read: () => video(levels, rate),
    },
    sink: {
      accepts: (location) => Promise.resolve(location.startsWith("out")),
      plan(options) {
        asked.push(options);
        const usual = {
          container: "memory",
          encoder: "raw",
          pixelFormat: "gray",
          holdsLast: true,
          lost: [],
          notes: [],
        };
        return Promise.resolve({ ...usual, ...plan });
      },
      open(options) {
        asked.push(options);
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
    },
  };
  return { codec, written, log, asked };
}
