import {
  definePart,
  type Frame,
  type FrameWriter,
  type MediaHandler,
  type MediaInfo,
  type PartDefinition,
  type ReadOptions,
  UsageError,
  type WriteOptions,
  type WriterOptions,
} from "@slomo/core";
import { planeSizes } from "@slomo/core/frames";
import { compare, multiply, rational, subtract } from "@slomo/core/time";
import { deepStrictEqual as equal } from "node:assert/strict";
import { z } from "zod";
import { conformanceCases } from "../conformance.ts";
import type { CaseName } from "../options.ts";
import { failing, testMutants } from "./_testing.ts";

const part = (create: () => MediaHandler): PartDefinition =>
  definePart({ slot: "media", name: "video", description: "Videos.", options: z.strictObject({}), create });

const FAILING: Readonly<Record<Defect, readonly CaseName[]>> = {
  "announces more frames than it reads": ["frames"],
  "uses one buffer for all frames": ["frames", "round trip", "excerpts"],
  "loses the last frame": ["round trip", "excerpts"],
  "writes wrong timestamps": ["round trip"],
  "writes wrong images": ["round trip"],
  "ignores the start and end of the part to read": ["excerpts"],
  "writes under the name of the target": ["half-written"],
  "leaves a log beside the video": ["half-written"],
  "deletes the video on abort() after finish()": ["half-written"],
  "ignores the abort signal": ["cancellation"],
  "leaves an unfinished file after an abort": ["cancellation"],
  "throws a plain Error for a missing video": ["errors"],
  "overwrites a video without permission": ["errors"],
};

const write = (folder: string) => `${folder}/one.video`;

testMutants(
  "media",
  part(() => videoMedia()),
  Object.entries(FAILING).map(([defect, failed]) => [defect, part(() => videoMedia(defect as Defect)), failed]),
  { media: { write, lossless: true } },
);

Deno.test("conformanceCases() of a handler that only reads test reading", async () => {
  const { source } = videoMedia(), { sink } = videoMedia();
  const sample = async (folder: string) => {
    const location = write(folder), { writeVideo } = await import("../media/subject.ts");
    await writeVideo({ sink: sink! }, location, { model: "gray", depth: 8, chroma: [1, 1], alpha: false });
    return location;
  };
  const reader = part(() => ({ source: source! })), options = { media: { sample } };
  const plugin = { name: "reader", apiVersion: 1, provides: [reader] };
  const ids = conformanceCases("media", plugin, options).map(({ id }) => id);
  equal(ids, ["options", "frames", "excerpts", "cancellation", "errors"]);
  equal(await failing(reader, options), []);
});

Deno.test("conformanceCases() include the reason of an ignored case in its name", () => {
  const plugin = { name: "video", apiVersion: 1, provides: [part(() => videoMedia())] };
  const [, left] = conformanceCases("media", plugin, { media: { write }, skip: { frames: "not supported" } });
  equal([left!.ignore, left!.name.endsWith(": ignored, not supported")], [true, true]);
});

Deno.test("conformanceCases() throws if the plugin has no part for the slot", async () => {
  const plugin = { name: "video", apiVersion: 1, provides: [part(() => videoMedia())] };
  const error = await Promise.resolve().then(() => conformanceCases("warp", plugin)).catch((error) => error);
  equal(error instanceof UsageError && error.message, "conformsAs: the plugin video has no part for the slot warp");
});

/** A defect of {@linkcode videoMedia}. */
export type Defect =
  | "announces more frames than it reads"
  | "uses one buffer for all frames"
  | "loses the last frame"
  | "writes wrong timestamps"
  | "writes wrong images"
  | "ignores the start and end of the part to read"
  | "writes under the name of the target"
  | "leaves a log beside the video"
  | "deletes the video on abort() after finish()"
  | "ignores the abort signal"
  | "leaves an unfinished file after an abort"
  | "throws a plain Error for a missing video"
  | "overwrites a video without permission";

interface Video {
  readonly info: MediaInfo;
  /** Timestamps in units of 1/25 s. */
  readonly timestamps: readonly number[];
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

function writerOf(options: WriteOptions, signal: AbortSignal | undefined, defect: Defect | undefined): FrameWriter {
  const { location } = options, timestamps: number[] = [], samples: number[] = [];
  const place = defect === "writes under the name of the target" ? location : `${location}.partial`;
  let finished = false;
  const video = () => ({ info: infoOf(options, timestamps.length), timestamps, samples });
  return {
    async write({ pts, image }) {
      if (defect !== "ignores the abort signal") signal?.throwIfAborted();
      timestamps.push(Number(pts) * (defect === "writes wrong timestamps" ? 2 : 1));
      for (const plane of image.planes) {
        for (const sample of plane) samples.push(defect === "writes wrong images" ? 255 - sample : sample);
      }
      await Deno.writeTextFile(place, pack(video()));
    },
    async finish() {
      signal?.throwIfAborted();
      if (defect === "loses the last frame") timestamps.pop();
      await Deno.writeTextFile(place, pack(video()));
      if (place !== location) await Deno.rename(place, location);
      if (defect === "leaves a log beside the video") await Deno.writeTextFile(`${location}.log`, "done");
      finished = true;
    },
    async abort() {
      if (finished && defect === "deletes the video on abort() after finish()") await Deno.remove(location);
      if (!finished && defect !== "leaves an unfinished file after an abort") {
        await Deno.remove(place).catch(() => {});
      }
    },
  };
}

async function* readVideo(
  info: MediaInfo,
  { start, end, signal }: ReadOptions,
  defect: Defect | undefined,
): AsyncGenerator<Frame> {
  const { timestamps, samples } = unpack(await Deno.readTextFile(info.location));
  const { width, height, format, color, timebase } = info.video, buffer = new Uint8Array(width * height);
  const sizes = planeSizes(width, height, format);
  for (const [i, pts] of timestamps.entries()) {
    if (defect !== "ignores the abort signal") signal?.throwIfAborted();
    const at = subtract(multiply(rational(pts), timebase), multiply(rational(timestamps[0]!), timebase));
    const isAll = defect === "ignores the start and end of the part to read";
    if (!isAll && (start && compare(at, start) < 0 || end && compare(at, end) >= 0)) continue;
    let from = i * sizes.reduce((sum, [w, h]) => sum + w * h, 0);
    const planes = sizes.map(([w, h]) => {
      const plane = defect === "uses one buffer for all frames" ? buffer : new Uint8Array(w * h);
      plane.set(samples.slice(from, from += w * h));
      return plane;
    });
    yield { pts: BigInt(pts), timebase, duration: 1n, facts: {}, image: { width, height, format, color, planes } };
  }
  if (defect !== "ignores the abort signal") signal?.throwIfAborted();
}

/** A media handler for files with a header and raw frames; `defect` breaks it in one way. */
export function videoMedia(defect?: Defect): MediaHandler {
  return {
    source: {
      accepts: (location) => Promise.resolve(location.endsWith(".video")),
      async open(location) {
        const text = await Deno.readTextFile(location).catch(() => undefined);
        const missing = `video: ${location} is missing; name a video`;
        if (text === undefined) {
          throw defect === "throws a plain Error for a missing video" ? new Error(missing) : new UsageError(missing);
        }
        const { info } = unpack(text), { video } = info;
        const announced = defect === "announces more frames than it reads"
          ? { ...info, video: { ...video, frames: 9 } }
          : info;
        const frames = (options: ReadOptions = {}) => readVideo(info, options, defect);
        return { info: announced, frames, close: () => Promise.resolve() };
      },
    },
    sink: {
      accepts: (location) => Promise.resolve(location.endsWith(".video")),
      async plan(options) {
        const { location, overwrite } = options;
        if (!overwrite && defect !== "overwrites a video without permission" && await exists(location)) {
          throw new UsageError(`video: ${location} exists; set \`overwrite\` to replace it`);
        }
        const plain = { container: "video", encoder: "raw", pixelFormat: "gray", holdsLast: true };
        const open = ({ signal }: WriterOptions = {}) => Promise.resolve(writerOf(options, signal, defect));
        return { ...plain, dropped: [], notes: [], open };
      },
    },
  };
}
