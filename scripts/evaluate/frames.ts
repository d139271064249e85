/** Reads videos and single images through media handlers as 8-bit RGB. */
import { JobError, type MediaHandler, type MediaSource, UsageError } from "@slomo/core";
import { multiply, rational } from "@slomo/core/time";
import { fittingSize, holdOut, type NamedFrame, resizeImage, type Sequence, stepFor } from "@slomo/training/evaluation";
import { type RgbImage, toRgbImage } from "@slomo/training/metrics";
import { basename, dirname, join } from "@std/path";
import type { SequenceSource } from "./discover.ts";

/** Part of the data to evaluate, and the size of frames. */
export interface Subset {
  /** Number of frames, from the first. @default {all} */
  readonly frames?: number | undefined;
  /** Maximum number of triplets per sequence, evenly spread. */
  readonly limit?: number | undefined;
  /** Maximum length of the shorter side in pixels; larger frames are scaled down. */
  readonly maxSize?: number | undefined;
}

/** An open video. */
export interface Video {
  /** Whether the frames have names, as image files do. */
  readonly named: boolean;
  /** Yields the frames from the first one; each call starts again. */
  frames(signal?: AbortSignal): AsyncIterable<NamedFrame>;
  /** Returns the number of frames that `frames` yields. */
  count(): Promise<number>;
}

async function sourceOf(codecs: readonly MediaHandler[], location: string): Promise<MediaSource> {
  for (const { source } of codecs) if (source && await source.accepts(location)) return source;
  throw new UsageError(`${location}: cannot read it: no media handler of the manifest accepts it`);
}

function fit(image: RgbImage, maxSize: number | undefined): RgbImage {
  const [width, height] = fittingSize(image.width, image.height, maxSize ?? Infinity);
  return width === image.width && height === image.height ? image : resizeImage(image, width, height);
}

const stemOf = (name: string) => name.replace(/\.[^.]*$/, "");

/**
 * Opens a video or a folder of frames.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function openVideo(
  codecs: readonly MediaHandler[],
  location: string,
  subset: Subset,
  signal: AbortSignal,
): Promise<Video> {
  const reader = await (await sourceOf(codecs, location)).open(location, { signal }), { info } = reader;
  const limit = subset.frames ?? Infinity, { frameNames } = info;
  const nameOf = (index: number) => frameNames ? stemOf(frameNames[index]!) : `${index}`;
  async function* images(signal?: AbortSignal) {
    let index = 0;
    for await (const { image } of reader.frames({ signal })) {
      yield { name: nameOf(index), image };
      if (++index === limit) return;
    }
  }
  return {
    named: frameNames !== undefined,
    async *frames(signal) {
      for await (const { name, image } of images(signal)) yield { name, image: fit(toRgbImage(image), subset.maxSize) };
    },
    async count() {
      if (frameNames) return Math.min(limit, frameNames.length);
      let count = 0;
      for await (const _ of images()) count++;
      return count;
    },
  };
}

/** Opens one image by its path. Media handlers read sequences, so the image is read as one frame of the sequence around it. */
async function openImage(
  codecs: readonly MediaHandler[],
  path: string,
  opening: AbortSignal,
): Promise<(signal?: AbortSignal) => Promise<RgbImage>> {
  const folder = dirname(path), name = basename(path);
  const [, before, number, after] = /^(.*?)(\d+)(\D*)$/.exec(name) as unknown as [string, string, string, string];
  const plain = (text: string) => text.replaceAll("%", "%%"), digits = number.length;
  const location = join(folder, `${plain(before)}%0${digits}d${plain(after)}`);
  const reader = await (await sourceOf(codecs, location)).open(location, { signal: opening }), { info } = reader;
  const index = info.frameNames?.indexOf(name) ?? -1;
  if (index < 0) throw new UsageError(`${path}: cannot read it: its media handler does not name frames`);
  const timeOf = (index: number) => multiply(rational(index), info.video.timebase);
  return async (signal) => {
    const part = { start: timeOf(index), end: timeOf(index + 1), signal };
    for await (const { image } of reader.frames(part)) return toRgbImage(image);
    throw new JobError(`${path} cannot be read`);
  };
}

/**
 * Opens a source as a sequence with every second frame held out.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function openSequence(
  codecs: readonly MediaHandler[],
  source: SequenceSource,
  subset: Subset,
  opening: AbortSignal,
): Promise<Sequence> {
  const { name, set } = source;
  if (source.kind === "video") {
    const video = await openVideo(codecs, source.location, subset, opening);
    const step = subset.limit === undefined ? 1 : stepFor(await video.count(), subset.limit);
    return { name, set, triplets: (signal) => holdOut(video.frames(signal), step) };
  }
  const paths = [source.first, source.groundTruth, source.second];
  const images = await Promise.all(paths.map((path) => openImage(codecs, path, opening)));
  async function* frames(signal?: AbortSignal): AsyncGenerator<NamedFrame> {
    for (const [i, read] of images.entries()) {
      yield { name: stemOf(basename(paths[i]!)), image: fit(await read(signal), subset.maxSize) };
    }
  }
  return { name, set, triplets: (signal) => holdOut(frames(signal)) };
}
