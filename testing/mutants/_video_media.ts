/** A codec for files of one header and raw frames that is right, or broken in one way. */
import type { FrameWriter, MediaHandler, MediaInfo, ReadOptions, WriteOptions, WriterOptions } from "@slomo/core";
import { compare, multiply, rational, subtract } from "@slomo/core/time";
import type { Frame } from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";
import { UsageError } from "@slomo/core";

/** A way to be broken. */
export type Flaw =
  | "announces frames that are not there"
  | "uses one buffer for all frames"
  | "loses the last frame"
  | "writes other times"
  | "writes other images"
  | "reads the whole video whatever part is asked for"
  | "writes under the target's name"
  | "leaves a log beside the video"
  | "takes abort() back after finish()"
  | "reads on when it is stopped"
  | "leaves what it was writing when it is stopped"
  | "says that a video is missing by a plain error"
  | "overwrites a video";

interface Video {
  readonly info: MediaInfo;
  /** Time stamps in units of 1/25 s. */
  readonly stamps: readonly number[];
  /** Samples of all frames. */
  readonly samples: readonly number[];
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

function infoOf({ location, image: { width, height, format, color } }: WriteOptions, frames: number): MediaInfo {
  const clock = { timebase: rational(1, 25), start: rational(0), rate: rational(25), constantRate: true, frames };
  const look = { rotation: 0, sampleAspect: rational(1), fieldOrder: "progressive" } as const;
  return {
    ...{ location, container: "video", streams: [], chapters: 0, notes: [] },
    video: { index: 0, codec: "raw", width, height, format, color, ...clock, ...look },
  };
}

const pack = (video: Video) => JSON.stringify(video, (_, value) => typeof value === "bigint" ? `${value}n` : value);
const unpack = (text: string): Video =>
  JSON.parse(text, (_, value) => /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value);

function writerOf(options: WriteOptions, signal: AbortSignal | undefined, flaw: Flaw | undefined): FrameWriter {
  const { location } = options, stamps: number[] = [], samples: number[] = [];
  const place = flaw === "writes under the target's name" ? location : `${location}.partial`;
  let finished = false;
  const video = () => ({ info: infoOf(options, stamps.length), stamps, samples });
  return {
    async write({ pts, image }) {
      if (flaw !== "reads on when it is stopped") signal?.throwIfAborted();
      stamps.push(Number(pts) * (flaw === "writes other times" ? 2 : 1));
      for (const plane of image.planes) {
        for (const sample of plane) samples.push(flaw === "writes other images" ? 255 - sample : sample);
      }
      await Deno.writeTextFile(place, pack(video()));
    },
    async finish() {
      signal?.throwIfAborted();
      if (flaw === "loses the last frame") stamps.pop();
      await Deno.writeTextFile(place, pack(video()));
      if (place !== location) await Deno.rename(place, location);
      if (flaw === "leaves a log beside the video") await Deno.writeTextFile(`${location}.log`, "done");
      finished = true;
    },
    async abort() {
      if (finished && flaw === "takes abort() back after finish()") await Deno.remove(location);
      if (!finished && flaw !== "leaves what it was writing when it is stopped") {
        await Deno.remove(place).catch(() => {});
      }
    },
  };
}

async function* readVideo(
  info: MediaInfo,
  { start, end, signal }: ReadOptions,
  flaw: Flaw | undefined,
): AsyncGenerator<Frame> {
  const { stamps, samples } = unpack(await Deno.readTextFile(info.location));
  const { width, height, format, color, timebase } = info.video, buffer = new Uint8Array(width * height);
  const sizes = planeSizes(width, height, format);
  for (const [i, stamp] of stamps.entries()) {
    if (flaw !== "reads on when it is stopped") signal?.throwIfAborted();
    const at = subtract(multiply(rational(stamp), timebase), multiply(rational(stamps[0]!), timebase));
    const isWhole = flaw === "reads the whole video whatever part is asked for";
    if (!isWhole && (start && compare(at, start) < 0 || end && compare(at, end) >= 0)) continue;
    let from = i * sizes.reduce((sum, [w, h]) => sum + w * h, 0);
    const planes = sizes.map(([w, h]) => {
      const plane = flaw === "uses one buffer for all frames" ? buffer : new Uint8Array(w * h);
      plane.set(samples.slice(from, from += w * h));
      return plane;
    });
    yield { pts: BigInt(stamp), timebase, duration: 1n, facts: {}, image: { width, height, format, color, planes } };
  }
  if (flaw !== "reads on when it is stopped") signal?.throwIfAborted();
}

/** The codec. */
export function videoMedia(flaw?: Flaw): MediaHandler {
  return {
    source: {
      accepts: (location) => Promise.resolve(location.endsWith(".video")),
      async open(location) {
        const text = await Deno.readTextFile(location).catch(() => undefined);
        const missing = `video: ${location} is missing; name a video`;
        if (text === undefined) {
          throw flaw === "says that a video is missing by a plain error" ? new Error(missing) : new UsageError(missing);
        }
        const { info } = unpack(text), { video } = info;
        const told = flaw === "announces frames that are not there"
          ? { ...info, video: { ...video, frames: 9 } }
          : info;
        const frames = (options: ReadOptions = {}) => readVideo(info, options, flaw);
        return { info: told, frames, close: () => Promise.resolve() };
      },
    },
    sink: {
      accepts: (location) => Promise.resolve(location.endsWith(".video")),
      async plan(options) {
        const { location, overwrite } = options;
        if (!overwrite && flaw !== "overwrites a video" && await exists(location)) {
          throw new UsageError(`video: ${location} exists; pass --overwrite to replace it`);
        }
        const plain = { container: "video", encoder: "raw", pixelFormat: "gray", holdsLast: true };
        const open = ({ signal }: WriterOptions = {}) => Promise.resolve(writerOf(options, signal, flaw));
        return { ...plain, dropped: [], notes: [], open };
      },
    },
  };
}
