/** Reads videos and single images through the codecs as 8-bit RGB. */
import { JobError, type MediaHandler, type MediaSource, UsageError } from "@slomo/core";
import { multiply, rational } from "@slomo/core/time";
import { fittingSize, holdOut, type NamedFrame, resizeImage, type Sequence, stepFor } from "@slomo/training/evaluation";
import { type RgbImage, toRgbImage } from "@slomo/training/metrics";
import { basename, dirname, join } from "@std/path";
import type { FoundTriplet, FoundVideo } from "./discover.ts";

/** Which part of a video is measured, and at which size. */
export interface Cut {
  /** Frames from the beginning. */
  readonly frames?: number | undefined;
  /** Triplets of a sequence, evenly spread. */
  readonly limit?: number | undefined;
  /** Pixels of the shorter side; larger frames are reduced. */
  readonly maxSize?: number | undefined;
}

/** A video that was looked into. */
export interface Video {
  /** Whether its frames have names of their own. */
  readonly named: boolean;
  /** Its frames from the beginning, each time it is called. */
  frames(signal?: AbortSignal): AsyncIterable<NamedFrame>;
  /** Number of frames in it, or in the part that is used. */
  count(): Promise<number>;
}

async function sourceOf(codecs: readonly MediaHandler[], location: string): Promise<MediaSource> {
  for (const { source } of codecs) if (source && await source.accepts(location)) return source;
  throw new UsageError(`${location}: no plugin of the manifest reads it`);
}

function fit(image: RgbImage, maxSize: number | undefined): RgbImage {
  const [width, height] = fittingSize(image.width, image.height, maxSize ?? Infinity);
  return width === image.width && height === image.height ? image : resizeImage(image, width, height);
}

const stemOf = (name: string) => name.replace(/\.[^.]*$/, "");

/**
 * Looks into a video or a folder of frames.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function openVideo(codecs: readonly MediaHandler[], location: string, cut: Cut): Promise<Video> {
  const reader = await (await sourceOf(codecs, location)).open(location), { info } = reader;
  const most = cut.frames ?? Infinity, { frameNames } = info;
  const nameOf = (index: number) => frameNames ? stemOf(frameNames[index]!) : `${index}`;
  async function* images(signal?: AbortSignal) {
    let index = 0;
    for await (const { image } of reader.frames({ signal })) {
      yield { name: nameOf(index), image };
      if (++index === most) return;
    }
  }
  return {
    named: frameNames !== undefined,
    async *frames(signal) {
      for await (const { name, image } of images(signal)) yield { name, image: fit(toRgbImage(image), cut.maxSize) };
    },
    async count() {
      if (frameNames) return Math.min(most, frameNames.length);
      let count = 0;
      for await (const _ of images()) count++;
      return count;
    },
  };
}

/** One image by its path, read as the one of its number among those that share its name otherwise. */
async function openImage(
  codecs: readonly MediaHandler[],
  path: string,
): Promise<(signal?: AbortSignal) => Promise<RgbImage>> {
  const folder = dirname(path), name = basename(path);
  const [, before, number, after] = /^(.*?)(\d+)(\D*)$/.exec(name) as unknown as [string, string, string, string];
  const plain = (text: string) => text.replaceAll("%", "%%"), digits = number.length;
  const location = join(folder, `${plain(before)}%0${digits}d${plain(after)}`);
  const reader = await (await sourceOf(codecs, location)).open(location), { info } = reader;
  const index = info.frameNames?.indexOf(name) ?? -1;
  if (index < 0) throw new UsageError(`${path}: the codec that reads it does not name its frames`);
  const timeOf = (index: number) => multiply(rational(index), info.video.timebase);
  return async (signal) => {
    const part = { start: timeOf(index), end: timeOf(index + 1), signal };
    for await (const { image } of reader.frames(part)) return toRgbImage(image);
    throw new JobError(`${path} cannot be read`);
  };
}

/**
 * A sequence of what was found, with every second frame held out.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function openSequence(
  codecs: readonly MediaHandler[],
  found: FoundVideo | FoundTriplet,
  cut: Cut,
): Promise<Sequence> {
  const { name, set } = found;
  if (found.kind === "video") {
    const video = await openVideo(codecs, found.location, cut);
    const step = cut.limit === undefined ? 1 : stepFor(await video.count(), cut.limit);
    return { name, set, triplets: (signal) => holdOut(video.frames(signal), step) };
  }
  const paths = [found.first, found.groundTruth, found.second];
  const images = await Promise.all(paths.map((path) => openImage(codecs, path)));
  async function* frames(signal?: AbortSignal): AsyncGenerator<NamedFrame> {
    for (const [i, read] of images.entries()) {
      yield { name: stemOf(basename(paths[i]!)), image: fit(await read(signal), cut.maxSize) };
    }
  }
  return { name, set, triplets: (signal) => holdOut(frames(signal)) };
}
