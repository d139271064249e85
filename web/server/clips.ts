/** Facts and frames of the files that the page opens. */
import type { MediaInfo } from "@slomo/core";
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

/**
 * Returns the frame at a time as PNG, or the last one before it.
 *
 * @param time Seconds from the first frame.
 * @param most Most pixels of the image; larger frames are made smaller.
 */
export async function frameAt(
  slomo: Slomo,
  path: string,
  info: MediaInfo,
  time: number,
  most = MOST_PIXELS,
): Promise<Uint8Array<ArrayBuffer>> {
  const frames = slomo.scan(path, { start: time, cuts: false, duplicates: "keep" });
  for await (const frame of frames) return encodePng(shownFrame(frame, info, most));
  throw new Error("unreachable: a part without frames is a UsageError");
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
  const { rate, duration } = info.video, seconds = duration ? toNumber(duration) : 0;
  const time = Math.min((index + 0.5) / THUMBNAILS * seconds, seconds - 1 / toNumber(rate));
  return await frameAt(slomo, path, info, Math.max(0, time), THUMBNAIL);
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
