/** Facts and frames of the files that the page opens. */
import { type MediaInfo, UsageError } from "@slomo/core";
import { toNumber } from "@slomo/core/time";
import type { Slomo, SourceFrame } from "@slomo/slomo";
import { basename } from "@std/path";
import { type Clip, type ClipStream, type Found, THUMBNAILS } from "../shared/types.ts";
import { encodePng, fitInto, type Pixels, rotate, shrink } from "./pixels.ts";

function colorText({ video: { format: { model, chroma, alpha }, color } }: MediaInfo): string {
  const sampling = model === "yuv"
    ? { 1: "4:4:4", 2: chroma[1] === 2 ? "4:2:0" : "4:2:2", 4: "4:1:1" }[chroma[0]]
    : model;
  const range = color.range && `${color.range} range`;
  return [...new Set([sampling, color.matrix, color.transfer, range, alpha && "alpha"])].filter(Boolean).join(", ");
}

function streamOf({ kind, codec, language, title }: MediaInfo["streams"][number]): ClipStream {
  return { kind, text: [codec, language, title].filter(Boolean).join(", ") };
}

/** Returns the size at which frames are shown: with square pixels, after rotation. */
function shownSize({ video: { width, height, rotation, sampleAspect } }: MediaInfo) {
  const wide = Math.round(width * toNumber(sampleAspect));
  return rotation % 180 === 0 ? { width: wide, height } : { width: height, height: wide };
}

/** Returns the facts about a file. */
export function clipOf(id: string, path: string, bytes: number, info: MediaInfo): Clip {
  const { video, streams, container, notes } = info, { width, height } = shownSize(info);
  return {
    ...{ id, path, bytes, container, width, height, notes },
    name: basename(path),
    aspect: width / height,
    codec: video.codec,
    rate: toNumber(video.rate),
    isConstant: video.constantRate,
    frames: video.frames,
    seconds: video.duration && toNumber(video.duration),
    depth: video.format.depth,
    color: colorText(info),
    streams: streams.filter(({ index }) => index !== video.index).map(streamOf),
  };
}

/** Returns a frame as it is shown, with at most a number of pixels. */
export function shownFrame(frame: SourceFrame, info: MediaInfo, most: number): Pixels {
  const { video: { width, height, sampleAspect, rotation } } = info;
  const size = fitInto({ width: Math.round(width * toNumber(sampleAspect)), height }, most);
  return rotate(shrink(frame.toRgba(), size), rotation);
}

/** Pixels of a poster or a frame that is shown in place of a video. */
const MOST_PIXELS = 1280 * 720;

/** Seconds by which a frame may be later than the time for which it is shown: the page rounds times. */
const ROUNDING = 0.001;

/** Returns the last frame in a range; `undefined` if there is none. Before the first frame of the video, it is that frame. */
async function lastFrame(
  slomo: Slomo,
  path: string,
  info: MediaInfo,
  { from, time }: { readonly from: number; readonly time: number },
): Promise<SourceFrame | undefined> {
  const { rate, start } = info.video, latest = time + Math.min(ROUNDING, 0.25 / toNumber(rate));
  let last: SourceFrame | undefined;
  try {
    for await (const frame of slomo.scan(path, { start: from, cuts: false, duplicates: "keep" })) {
      if (frame.time - toNumber(start) > latest) return last ?? (from === 0 ? frame : undefined);
      last = frame;
    }
  } catch (error) {
    if ((error as Partial<UsageError>).code !== "empty-range") throw error;
  }
  return last;
}

/**
 * Returns the frame at a time as PNG: the last one that is not later.
 *
 * @param time Seconds from the first frame.
 * @param most Most pixels of the image; larger frames are made smaller.
 * @throws {UsageError} If the time is after the end of the video.
 */
export async function frameAt(
  slomo: Slomo,
  path: string,
  info: MediaInfo,
  time: number,
  most = MOST_PIXELS,
): Promise<Uint8Array<ArrayBuffer>> {
  const { rate, duration } = info.video;
  if (!duration || time <= toNumber(duration)) {
    // Frames of a variable rate may be long, and the last one may end long before the audio.
    for (let back = 2 / toNumber(rate);; back *= 8) {
      const from = Math.max(0, time - back), frame = await lastFrame(slomo, path, info, { from, time });
      if (frame) return encodePng(shownFrame(frame, info, most));
      if (from === 0) break;
    }
  }
  throw new UsageError(`${basename(path)}: cannot show the frame at ${time} s: the video ends before`, {
    code: "empty-range",
  });
}

/** Pixels of a thumbnail. */
const THUMBNAIL = 128 * 72;

/** Returns one of the thumbnails of a video, from the middle of its part of the timeline. */
export async function thumbnailAt(
  slomo: Slomo,
  path: string,
  info: MediaInfo,
  index: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { duration } = info.video, seconds = duration ? toNumber(duration) : 0;
  return await frameAt(slomo, path, info, (index + 0.5) / THUMBNAILS * seconds, THUMBNAIL);
}

/** Frames between two reports of a scan. */
const REPORT_EVERY = 12;

/** Reads a whole file, and yields cuts and duplicates as they are found. */
export async function* scanClip(
  slomo: Slomo,
  path: string,
  { threshold, signal }: { readonly threshold: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<Found> {
  let first: number | undefined, frames = 0, time = 0, cuts: number[] = [], duplicates: number[] = [];
  const report = (isDone: boolean): Found => {
    const found = { frames, time, cuts, duplicates, isDone };
    [cuts, duplicates] = [[], []];
    return found;
  };
  for await (const frame of slomo.scan(path, { cuts: threshold === undefined ? {} : { threshold }, signal })) {
    first ??= frame.time;
    time = frame.time - first;
    frames++;
    if (frame.isCut && frames > 1) cuts.push(time);
    if (frame.isDuplicate) duplicates.push(time);
    if (frames % REPORT_EVERY === 0) yield report(false);
  }
  yield report(true);
}
