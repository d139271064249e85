/**
 * A plugin for slomo: the media handler `template-part`.
 *
 * @module
 */
import {
  definePart,
  definePlugin,
  type Frame,
  type Image,
  type MediaHandler,
  type MediaInfo,
  type Plugin,
  type ReadOptions,
  UsageError,
  type VideoInfo,
} from "@slomo/core";
import { rational, toNumber } from "@slomo/core/time";
import { z } from "zod";

/** Options of {@linkcode createTemplatePart}. */
export interface Options {
  /** Frames of the video, 1 to 100000. @default {24} */
  readonly frames: number;
}

const schema: z.ZodType<Options> = z.strictObject({
  frames: z.int().min(1).max(100_000).default(24).describe("Frames of the video."),
});

const NAME = "template-part";

/** Pattern of the locations of this handler: its name and a size, `NAME:64x36`. */
const LOCATION = new RegExp(`^${NAME}:([1-9]\\d{0,3})x([1-9]\\d{0,3})$`);

const FRAMES_A_SECOND = 12;

/** Width of the bar in pixels. */
const BAR = 8;

/** Draws a bar that moves by two pixels per frame on black, in 8-bit gray. */
function draw(width: number, height: number, frame: number): Image {
  const place = (i: number) => ((i - 2 * frame) % width + width) % width;
  const plane = Uint8Array.from({ length: width * height }, (_, i) => place(i) < BAR ? 255 : 0);
  const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width, height, format, color: { range: "full" }, planes: [plane] };
}

function describe(location: string, frames: number): MediaInfo {
  const [, width, height] = LOCATION.exec(location) ?? [];
  if (width === undefined || height === undefined) {
    throw new UsageError(`${location}: expected ${NAME}:WIDTHxHEIGHT, for example ${NAME}:64x36`);
  }
  const video: VideoInfo = {
    index: 0,
    codec: NAME,
    width: Number(width),
    height: Number(height),
    format: { model: "gray", depth: 8, chroma: [1, 1], alpha: false },
    color: { range: "full" },
    timebase: rational(1, FRAMES_A_SECOND),
    start: rational(0),
    rate: rational(FRAMES_A_SECOND),
    constantRate: true,
    frames,
    duration: rational(frames, FRAMES_A_SECOND),
    rotation: 0,
    sampleAspect: rational(1),
    fieldOrder: "progressive",
  };
  const streams = [{ index: 0, kind: "video", codec: video.codec }] as const;
  return { location, container: NAME, video, streams, chapters: 0, notes: [] };
}

async function* drawAll({ video }: MediaInfo, { start, end, signal }: ReadOptions = {}): AsyncGenerator<Frame> {
  for (let i = 0; i < video.frames!; i++) {
    signal?.throwIfAborted();
    const seconds = i / FRAMES_A_SECOND;
    if (start !== undefined && seconds < toNumber(start)) continue;
    if (end !== undefined && seconds >= toNumber(end)) return;
    const image = await Promise.resolve(draw(video.width, video.height, i));
    yield { pts: BigInt(i), timebase: video.timebase, duration: 1n, image, facts: {} };
  }
}

/** Generates a video. It only reads; a handler that writes has a `sink`, too. */
export function createTemplatePart({ frames }: Options): MediaHandler {
  return {
    source: {
      accepts: (location) => Promise.resolve(LOCATION.test(location)),
      async open(location) {
        const info = await Promise.resolve(describe(location, frames));
        return { info, frames: (options) => drawAll(info, options), close: () => Promise.resolve() };
      },
    },
  };
}

/** The plugin. */
const plugin: Plugin = definePlugin({
  name: "@scope/template-part",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "media",
      name: NAME,
      description: `Generates a moving bar: ${NAME}:WIDTHxHEIGHT.`,
      options: schema,
      create: createTemplatePart,
    }),
  ],
});

export default plugin;
